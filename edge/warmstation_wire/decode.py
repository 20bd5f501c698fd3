"""Bytes to a payload, or one reason why not."""

from __future__ import annotations

from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from warmstation_wire.errors import BadPayload, Refusal
from warmstation_wire.parts import MAX_PAYLOAD_BYTES, Payload

P = TypeVar("P", bound=Payload)

_BY_TYPE = {
    "missing": Refusal.MISSING,
    "model_type": Refusal.NOT_OBJECT,
    "finite_number": Refusal.OUT_OF_RANGE,
    "greater_than": Refusal.OUT_OF_RANGE,
    "greater_than_equal": Refusal.OUT_OF_RANGE,
    "less_than": Refusal.OUT_OF_RANGE,
    "less_than_equal": Refusal.OUT_OF_RANGE,
    "too_long": Refusal.OUT_OF_RANGE,
    "too_short": Refusal.OUT_OF_RANGE,
    "string_too_long": Refusal.OUT_OF_RANGE,
    "string_too_short": Refusal.OUT_OF_RANGE,
}


def decode(model: type[P], payload: bytes) -> P:
    """Read a payload as `model`; BadPayload with one reason where the contract refuses it."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise BadPayload(
            Refusal.TOO_LARGE, f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES} are allowed"
        )
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadPayload(Refusal.NOT_UTF8, f"byte {error.start}: {error.reason}") from None
    if "NaN" in text or "Infinity" in text:
        _refuse_bare_infinity(text)
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise _refusal(error) from None


def _refuse_bare_infinity(text: str) -> None:
    """RFC 8259 knows no NaN; the parser lets one pass where the model ignores the key."""
    try:
        from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise BadPayload(Refusal.NOT_JSON, f"payload: {error}") from None


def _refusal(error: ValidationError) -> BadPayload:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    kind, where, said = first["type"], ".".join(map(str, first["loc"])), first["msg"]
    if kind == "json_invalid":
        reason = Refusal.TOO_DEEP if "recursion limit" in said else Refusal.NOT_JSON
    elif not where and kind.startswith("model"):
        reason = Refusal.NOT_OBJECT
    elif kind.endswith(("_type", "_parsing")) or kind in {"int_from_float", "timezone_aware"}:
        reason = Refusal.WRONG_TYPE
    elif where == "v" and kind != "missing":
        reason = Refusal.VERSION
    else:
        reason = _BY_TYPE.get(kind, Refusal.INVALID)
    return BadPayload(reason, f"{where or 'payload'}: {said}")
