"""Kinds of shops as people say them, in English and Korean; a category of the bank's own stays as it is."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

__all__ = ["Shop", "shop"]


class Shop(NamedTuple):
    """Where one payment was made, where all such payments are made, and the Korean name."""

    one: str
    all: str
    ko: str

    @property
    def kind(self) -> str:
        """The Korean name in a sentence about the customer's habits, where not every kind is a place."""
        return self.ko if self.one.startswith("at ") else f"{self.ko} 업종"


_SHOPS = {
    "ice_cream": Shop("at an ice-cream shop", "at ice-cream shops", "아이스크림 가게"),
    "snack": Shop("at a snack bar", "at snack bars", "분식집"),
    "convenience": Shop("at a convenience store", "at convenience stores", "편의점"),
    "stationery": Shop("at a stationer's", "at stationers", "문구점"),
    "cafe": Shop("at a café", "at cafés", "카페"),
    "restaurant": Shop("at a restaurant", "at restaurants", "음식점"),
    "grocery": Shop("at a grocery store", "at grocery stores", "마트"),
    "transit": Shop("for public transport", "for public transport", "대중교통"),
    "taxi": Shop("for a taxi", "for taxis", "택시"),
    "pharmacy": Shop("at a pharmacy", "at pharmacies", "약국"),
    "hospital": Shop("at a hospital", "at hospitals", "병원"),
    "clothing": Shop("at a clothing shop", "at clothing shops", "의류점"),
    "online_shop": Shop("at an online shop", "at online shops", "온라인 쇼핑몰"),
    "electronics": Shop("at an electronics shop", "at electronics shops", "전자제품점"),
    "bar": Shop("at a bar", "at bars", "주점"),
    "culture": Shop("for culture", "for culture", "문화·여가"),
    "pc_room": Shop("at a PC room", "at PC rooms", "PC방"),
    "game": Shop("for a game", "for games", "게임"),
    "gift_card": Shop("for a gift card", "for gift cards", "상품권"),
    "education": Shop("for education", "for education", "교육"),
    "fuel": Shop("at a petrol station", "at petrol stations", "주유소"),
    "beauty": Shop("at a beauty shop", "at beauty shops", "미용실"),
    "lodging": Shop("for lodging", "for lodging", "숙박"),
    "jewellery": Shop("at a jeweller's", "at jewellers", "귀금속점"),
    "subscription": Shop("for a subscription", "for subscriptions", "정기 구독"),
    "utility": Shop("for utilities", "for utilities", "공과금"),
    "atm": Shop("at a cash machine", "at cash machines", "ATM"),
    "hotel": Shop("at a hotel", "at hotels", "호텔"),
}


@lru_cache(maxsize=4096)
def shop(category: str) -> Shop:
    """Say a category of merchants."""
    name = category.replace("_", " ")
    return _SHOPS.get(category) or Shop(f"in the category {name}", f"in the category {name}", name)
