"""What a person sees: pages, drawings and words; sign-in, rights and a strict policy stand in front of them."""
