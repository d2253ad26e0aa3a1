"""Reading what an OpenAI-compatible endpoint answered, and believing none of it that can be checked."""

from typing import Any, Literal

from mintmark.models.model import Trouble
from mintmark.models.request import Reply, Request

_FEW = 64
"""No token in use stands for more bytes of ordinary text than this."""
_NAMES = 100
"""Letters of a model's name that are kept."""


def reply(told: Any, request: Request) -> Reply:
    """The reply in a completion, chat or bare.

    Raises Trouble: `cut` where it is none, for it may have been paid for; `bad` where the model or a filter refused.
    """
    choices = told.get("choices") if isinstance(told, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise Trouble("cut", f"the endpoint's reply has no choice: {str(told)[:200]}", reason="broken reply")
    choice, finish = choices[0], choices[0].get("finish_reason")
    text = _text(choice)
    prompt, made, counted = _usage(told.get("usage"), request, text)
    refused = (choice.get("message") or {}).get("refusal")
    if finish == "content_filter" or refused:
        reason = "refused by the model" if refused else "filtered by the endpoint"
        said = str(refused or "the endpoint's filter stopped the reply")
        raise Trouble("bad", said, reason=reason, paid=(prompt, made))
    notes = [f"{len(choices)} choices came for one"] if len(choices) > 1 else []
    if made > request.max_tokens and counted == "endpoint":
        notes.append(f"{made} tokens came where {request.max_tokens} were allowed")
    ended: Literal["stop", "length"] = "length" if finish == "length" else "stop"
    return Reply(text, ended, prompt, made, str(told.get("model") or "")[:_NAMES], counted, tuple(notes))


def _text(choice: dict[str, Any]) -> str:
    message = choice.get("message") if "message" in choice else {"content": choice.get("text")}
    if not isinstance(message, dict):
        raise Trouble("cut", f"the choice holds no message: {str(choice)[:200]}", reason="broken reply")
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    if content is None and (message.get("refusal") or choice.get("finish_reason") in ("length", "content_filter")):
        content = ""  # nothing was said, or all tokens went into thinking
    if not isinstance(content, str):
        raise Trouble("cut", f"the choice holds no text: {str(choice)[:200]}", reason="broken reply")
    # Half a surrogate pair is no text, though JSON can spell it.
    return content.encode(errors="replace").decode()


def _usage(usage: Any, request: Request, text: str) -> tuple[int, int, Literal["endpoint", "bytes"]]:
    """Tokens of prompt and reply. A count that is missing or impossibly low is replaced by bytes, which are more.

    One that seems high is believed: thinking is paid for, and not shown.
    """
    prompt_bytes, reply_bytes = len(request.text.encode()), len(text.encode())
    if isinstance(usage, dict):
        prompt, made = usage.get("prompt_tokens"), usage.get("completion_tokens")
        # `True` is an integer to Python; no count is.
        if type(prompt) is type(made) is int and prompt * _FEW >= prompt_bytes and made * _FEW >= reply_bytes:
            return prompt, made, "endpoint"
    return prompt_bytes, reply_bytes, "bytes"
