"""Scalar functions by name; an unknown name or a wrong number of arguments is an error."""

from __future__ import annotations

from converter.proof.judges.kusto.errors import KustoError
from converter.proof.judges.kusto.functions import arrays, conversion, ip, logic, text, time
from converter.proof.judges.kusto.functions.signature import Signature
from converter.proof.judges.kusto.scope import Scope
from converter.proof.judges.kusto.values import Value

FUNCTIONS: dict[str, Signature] = {
    **logic.FUNCTIONS,
    **conversion.FUNCTIONS,
    **text.FUNCTIONS,
    **arrays.FUNCTIONS,
    **ip.FUNCTIONS,
    **time.FUNCTIONS,
}


def call(name: str, arguments: list[Value], scope: Scope) -> Value:
    signature = FUNCTIONS.get(name)
    if signature is None:
        raise KustoError(f"function {name} is not interpreted")
    if not signature.least <= len(arguments) <= signature.most:
        raise KustoError(f"{name} takes {signature.least} to {signature.most} arguments, not {len(arguments)}")
    return signature.run(name, arguments, scope)
