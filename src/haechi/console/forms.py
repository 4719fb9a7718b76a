"""Reading a form: bounded before it is held, and never more than a session may send."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from starlette.datastructures import UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from haechi.console.errors import BadForm, TooLarge
from haechi.console.limits import Limits
from haechi.console.page import Upload

Fields = dict[str, list[str]]
Files = dict[str, Upload]


async def read_form(request: Request, limits: Limits, *, is_upload: bool) -> tuple[Fields, Files]:
    """The fields and files of a form; what is too large is read and thrown away, so that a page can say so."""
    bytes_max = limits.upload_bytes_max if is_upload else limits.form_bytes_max
    bounded = _Bounded(request, bytes_max)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "multipart/form-data" and is_upload:
            parser: Any = MultiPartParser(
                request.headers, bounded.stream(), max_files=1, max_fields=50, max_part_size=limits.form_bytes_max
            )
        elif kind == "application/x-www-form-urlencoded":
            parser = FormParser(request.headers, bounded.stream(), max_fields=limits.form_fields_max)
        else:
            raise BadForm("a form of this page was expected")
        form = await parser.parse()
    except (MultiPartException, ValueError) as error:
        raise (bounded.refusal() if bounded.is_over else BadForm(str(error))) from None
    finally:
        await bounded.drain()
    if bounded.is_over:
        raise bounded.refusal()
    return await _taken(form)


async def _taken(form: Any) -> tuple[Fields, Files]:
    fields: Fields = {}
    files: Files = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            content = await value.read()
            if value.filename:
                files[name] = Upload(value.filename, value.content_type or "", content)
            await value.close()
        else:
            fields.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return fields, files


class _Bounded:
    """A body that ends early for whoever parses it once it is too large, and is read on without being kept."""

    def __init__(self, request: Request, bytes_max: int) -> None:
        self._chunks, self._left, self._bytes_max = request.stream(), bytes_max, bytes_max
        self.is_over = int(request.headers.get("content-length", "0")) > bytes_max

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """What may be held."""
        if self.is_over:
            return
        async for chunk in self._chunks:
            self._left -= len(chunk)
            if self._left < 0:
                self.is_over = True
                raise MultiPartException("too large")  # on which the parser closes what it has begun
            yield chunk

    def refusal(self) -> TooLarge:
        """What is said when it was too large."""
        return TooLarge(f"at most {self._bytes_max:,} bytes")

    async def drain(self) -> None:
        """The rest, thrown away: a browser shows an answer only to what it could send."""
        if not self.is_over:
            return
        try:
            async for _ in self._chunks:
                continue
        except ClientDisconnect as error:
            raise BadForm("the browser hung up") from error
