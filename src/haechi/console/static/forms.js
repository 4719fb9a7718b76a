// A form is sent once: its button rests until the answer is here. Files that are too large are told before they travel.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-busy", "true"));
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("button").forEach((button) => button.removeAttribute("aria-busy"));
  });
});
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("input[type=file][data-bytes-max]")) {
    const over = [...field.files].some((file) => file.size > Number(field.dataset.bytesMax));
    field.setCustomValidity(over ? field.dataset.over : "");
    field.reportValidity();
  } else if (field.matches("select[data-submit]")) field.form.requestSubmit();
});
