"""One fake endpoint at work: whom it lets in, what it answers, how it fails, what it bills.

The order is a real provider's: key, model, body, drawn trouble, quota, context, answer. A call that
was refused costs nothing; one that broke or was left costs its prompt and what had been said.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from aiohttp import web

from ops.emulator.models.lab_books import Books, LabCall
from ops.emulator.models.lab_desk import Desk
from ops.emulator.models.lab_dialects import Refused
from ops.emulator.models.lab_door import Door, most_output
from ops.emulator.models.lab_quota import Meter
from ops.emulator.models.lab_script import LASTING, Dialect, Draw, Trouble, draw
from ops.emulator.models.lab_speech import CompletionsSpeech, OllamaSpeech, Said, Speech
from ops.emulator.models.simulation import newest_text, pieces_of, tokens_of

FOREVER_S = 3600.0
#: Characters of the newest message that an answer repeats.
ECHO_CHARS = 40
_FILLER = " and so on"


class Endpoint:
    """Answers what its own port receives."""

    def __init__(self, desk: Desk, books: Books, meter: Meter, seed: int) -> None:
        self.desk, self._books, self._seed = desk, books, seed
        self.door = Door(desk, meter)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """The low-level server's handler."""
        fake = self.desk.fake
        if request.method == "POST" and request.path == fake.chat_path:
            return await self._chat(request)
        return self._look(request.path)

    def _look(self, path: str) -> web.Response:
        fake = self.desk.fake
        names = [] if self.desk.lasting is Trouble.REMOVED else [fake.model]
        if path == fake.chat_path.replace("chat/completions", "models"):
            data = [
                {"id": name, "object": "model", "created": 1, "owned_by": "lab"} for name in names
            ]
            return web.json_response({"object": "list", "data": data})
        ollama: dict[str, Any] = {
            "/api/version": {"version": "0.13.5"},
            "/api/tags": {"models": [{"name": name, "model": name} for name in names]},
            "/api/ps": {"models": []},
        }
        if fake.dialect is Dialect.OLLAMA and path in ollama:
            return web.json_response(ollama[path])
        return web.Response(status=404, text="404 page not found")

    async def _chat(self, request: web.BaseRequest) -> web.StreamResponse:
        begun = time.monotonic()
        try:
            body = json.loads(await request.read())
        except ValueError:
            return web.json_response({"error": {"message": "not JSON"}}, status=400)
        call = self._begin(request, body, begun)
        try:
            return await self._answer(request, call, body)
        except ConnectionResetError:
            _left(call)
            return web.Response()  # goes nowhere
        except BaseException:
            _left(call)
            raise
        finally:
            call.cost = self.desk.fake.cost(call.prompt, call.completion)
            call.took_s = time.monotonic() - begun

    def _begin(self, request: web.BaseRequest, body: dict[str, Any], now: float) -> LabCall:
        self.desk.calls += 1
        call = LabCall(
            endpoint=self.desk.fake.name,
            number=self.desk.calls,
            key=request.headers.get("Authorization", "").removeprefix("Bearer ").strip(),
            model=str(body.get("model", "")),
            at=time.time(),
            is_stream=bool(body.get("stream", self.desk.fake.dialect is Dialect.OLLAMA)),
            has_tools=bool(body.get("tools")),
            is_early=self.desk.is_early(now),
        )
        self._books.calls.append(call)
        return call

    async def _answer(
        self, request: web.BaseRequest, call: LabCall, body: dict[str, Any]
    ) -> web.StreamResponse:
        drawn = draw(self.desk.fake, self._seed, call.number)
        trouble = self.desk.next_trouble() or drawn.trouble
        if trouble in LASTING:
            self.desk.lasting = trouble
        trouble = self.desk.lasting or trouble
        call.trouble = trouble
        refused = self.door.refusal(call, body, trouble)
        if refused is not None:
            return self._refuse(call, refused)
        if trouble is Trouble.HANG:
            await asyncio.sleep(FOREVER_S)
        return await self._speak(request, call, body, drawn, trouble)

    def _refuse(self, call: LabCall, refused: Refused) -> web.Response:
        call.ended, call.status, call.told_s = "refused", refused.status, refused.told_s
        is_silent = call.trouble is Trouble.LIMITED_SILENTLY
        headers = {} if is_silent else {**self.door.headers(), **refused.headers}
        return web.json_response(refused.body, status=refused.status, headers=headers)

    async def _speak(
        self,
        request: web.BaseRequest,
        call: LabCall,
        body: dict[str, Any],
        drawn: Draw,
        trouble: Trouble | None,
    ) -> web.StreamResponse:
        said = self._words(call, body, trouble)
        speech = self._speech(call, body)
        call.status = 200
        if not call.is_stream:
            await asyncio.sleep(drawn.first_token_s)
            call.completion, call.ended = said.tokens, "done"
            whole = speech.whole(said, call.prompt)
            text = json.dumps(whole)[:20] if trouble is Trouble.WRONG_JSON else json.dumps(whole)
            return web.Response(
                text=text, content_type="application/json", headers=self.door.headers()
            )
        response = web.StreamResponse(headers=self.door.headers())
        response.content_type = speech.content_type
        await response.prepare(request)
        return await self._stream(request, response, call, speech, said, drawn, trouble)

    async def _stream(
        self,
        request: web.BaseRequest,
        response: web.StreamResponse,
        call: LabCall,
        speech: Speech,
        said: Said,
        drawn: Draw,
        trouble: Trouble | None,
    ) -> web.StreamResponse:
        pieces = pieces_of(said.text, self.desk.fake.piece_chars)
        breaks = trouble in {Trouble.CUT, Trouble.WRONG_JSON}
        break_at = int(drawn.fraction * max(1, len(pieces))) if breaks else None
        await response.write(speech.head())
        for number, piece in enumerate(pieces or [""]):
            await asyncio.sleep(drawn.per_piece_s if number else drawn.first_token_s)
            if number == break_at:
                return await self._break(request, response, call, speech, trouble)
            if piece:
                await response.write(speech.piece(piece))
                call.pieces += 1
                call.completion = tokens_of("".join(pieces[: number + 1]))
        for part in speech.calls(said):
            await response.write(part)
        call.completion = said.tokens
        await response.write(speech.end(said, call.prompt))
        call.ended = "done"
        await response.write_eof()
        return response

    async def _break(
        self,
        request: web.BaseRequest,
        response: web.StreamResponse,
        call: LabCall,
        speech: Speech,
        trouble: Trouble | None,
    ) -> web.StreamResponse:
        call.ended = "broken"
        if trouble is Trouble.WRONG_JSON:
            await response.write(speech.half())
            await response.write_eof()
        elif request.transport is not None:
            request.transport.abort()
        return response

    def _speech(self, call: LabCall, body: dict[str, Any]) -> Speech:
        fake = self.desk.fake
        if fake.dialect is Dialect.OLLAMA:
            return OllamaSpeech(fake.model)
        has_usage = bool((body.get("stream_options") or {}).get("include_usage"))
        is_groq = fake.dialect is Dialect.GROQ
        name = f"{fake.name}-{call.number}"
        return CompletionsSpeech(fake.model, name, is_groq=is_groq, has_usage=has_usage)

    def _words(self, call: LabCall, body: dict[str, Any], trouble: Trouble | None) -> Said:
        if trouble is Trouble.EMPTY:
            return Said("")
        newest = newest_text(body)
        plan = self.desk.plan(newest)
        if plan is not None:
            return Said(plan.text, plan.tool_calls, plan.finish)
        fake = self.desk.fake
        text = f"{fake.name} {call.number}: {newest[:ECHO_CHARS]}"
        text += _FILLER * max(0, (fake.answer_chars - len(text)) // len(_FILLER))
        most = most_output(body) * 4
        return Said(text[:most], finish="length" if len(text) > most else "stop")


def _left(call: LabCall) -> None:
    """The caller went away; nothing is said of an answer that was whole by then."""
    if call.ended == "open":
        call.ended = "aborted"
