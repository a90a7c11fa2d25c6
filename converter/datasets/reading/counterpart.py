"""The counterparts of a field on one platform, strictly read: status, column or expression, values."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from converter.datasets.codes import M004, M005, M007
from converter.datasets.reading import facts as facts_of
from converter.datasets.reading.document import Document, known_keys
from converter.datasets.reading.macros import macros
from converter.datasets.reading.table import (
    MACRO,
    Always,
    AsIs,
    Counterpart,
    Known,
    Lost,
    Raw,
    Replacement,
    Status,
    Unknown,
    When,
    expanded,
)
from converter.deferred import dataclass
from converter.model.value import Macro

_COUNTERPART_KEYS = (
    "status", "to", "expr", "type", "many", "closed", "values", "open", "rewrite", "member", "separator", "word",
    "inside", "pieces",
    "present", "note", "guess", "row", "ev", "facts", "macro", "argument", "endings", "grouped", "few",
)  # fmt: skip
_STATUSES = tuple(s.value for s in Status)
_DEFAULTS = ("values", "open", "closed", "rewrite", "endings", "note", "facts")


def known_by(doc: Document, parts: Mapping[str, yaml.Node], default: Known) -> Known:
    """How a counterpart or place is known: `guess: true`, `row: true`, or as its field says."""
    if "guess" in parts and doc.flag(parts["guess"], "guess"):
        return Known.GUESS
    if "row" in parts and doc.flag(parts["row"], "row"):
        return Known.ROW
    return Known.DOCUMENT if {"guess", "row"} & set(parts) else default


@dataclass(frozen=True, slots=True)
class CounterpartReader:
    """Reads what one field has on one platform. `own` are the field's own keys, `known` how it is known there."""

    doc: Document
    platform: str
    own: Mapping[str, yaml.Node]
    known: Known

    def places(self, node: yaml.Node) -> Mapping[str, Counterpart]:
        """The counterparts at the platform's places: "" is every place that has none of its own."""
        platform = self.platform
        if isinstance(node, yaml.MappingNode) and any(k.value == "places" for k, _ in node.value):
            ((_, value),) = known_keys(self.doc, node, f"the places of {platform}", ("places",))
            return {
                name: self.counterpart(child) for name, _, child in self.doc.items(value, f"the places of {platform}")
            }
        return {"": self.counterpart(node)}

    def counterpart(self, node: yaml.Node) -> Counterpart:
        """One counterpart: `status column`, `status` alone, or a mapping; the field's own keys are defaults."""
        doc = self.doc
        own = self.own
        parts = {key: own[key] for key in _DEFAULTS if key in own}
        if isinstance(node, yaml.MappingNode):
            parts |= dict(known_keys(self.doc, node, "a counterpart", _COUNTERPART_KEYS))
            if "status" not in parts:
                raise doc.error(node, M005, "the counterpart has no 'status'")
            word = doc.choice(parts["status"], "status", _STATUSES)
            computed = bool({"expr", "macro"} & set(parts)) or word == "expr"
            to_node = parts.get("expr") or parts.get("to")
            to = doc.text(to_node, "a column or expression") if to_node is not None else ""
        else:
            word, _, to = doc.text(node, "a counterpart").partition(" ")
            if word not in _STATUSES:
                raise doc.error(node, M004, f"{word!r} is no status", f"one of: {', '.join(_STATUSES)}")
            computed = word == "expr"
        macro, arguments = self._macro(parts)
        template = (to.strip() or MACRO) if macro else ""
        to, called = expanded(template, macro, arguments) if macro else (to.strip(), "")
        values = self._checked_values(node, Status(word), to, parts)
        return Counterpart(
            status=Status(word),
            to=to,
            called=called,
            macros=(macro,) if macro else (),
            template=template,
            arguments=arguments,
            grouped=doc.text(parts["grouped"], "grouped") if "grouped" in parts else "",
            few=doc.flag(parts["few"], "few") if "few" in parts else False,
            computed=computed,
            type=doc.text(parts["type"], "type") if "type" in parts else "",
            many=doc.flag(parts["many"], "many") if "many" in parts else None,
            facts=facts_of.counterpart(doc, parts),
            values=values,
            is_open=doc.flag(parts["open"], "open") if "open" in parts else False,
            rewrite=self._rewrite(parts["rewrite"]) if "rewrite" in parts else (),
            endings=self._endings(parts["endings"]) if "endings" in parts else (),
            member=doc.text(parts["member"], "member") if "member" in parts else "",
            separator=doc.text(parts["separator"], "separator") if "separator" in parts else "",
            word=doc.flag(parts["word"], "word") if "word" in parts else False,
            inside=doc.flag(parts["inside"], "inside") if "inside" in parts else False,
            pieces=doc.text(parts["pieces"], "pieces") if "pieces" in parts else "",
            present=self._present(parts["present"]) if "present" in parts else None,
            note=doc.text(parts["note"], "a note") if "note" in parts else "",
            known=known_by(doc, parts, self.known),
            span=doc.span(node),
        )

    def _macro(self, parts: Mapping[str, yaml.Node]) -> tuple[Macro | None, tuple[str, ...]]:
        """The macro that an expression calls, and its arguments."""
        if "macro" not in parts:
            return None, ()
        doc = self.doc
        known = macros().get(self.platform, {})
        macro = known[doc.choice(parts["macro"], f"macro of {self.platform}", tuple(known))]
        if "argument" not in parts:
            raise doc.error(parts["macro"], M005, "a macro needs its 'argument'")
        arguments = doc.texts(parts["argument"], "argument")
        if len(arguments) != len(macro.parameters):
            message = f"the macro {macro.name} takes {len(macro.parameters)} arguments, not {len(arguments)}"
            raise doc.error(parts["argument"], M007, message)
        return macro, arguments

    def _checked_values(
        self, node: yaml.Node, status: Status, to: str, parts: Mapping[str, yaml.Node]
    ) -> Mapping[str, Replacement]:
        """The values of a counterpart, after a check that status, column and values fit together."""
        doc = self.doc
        bare = status in (Status.IMPLIED, Status.ABSENT, Status.NONE)
        if bare and to:
            raise doc.error(node, M007, f"a counterpart that is {status.value} names no column")
        if not bare and not to and status not in (Status.VALUES, Status.APPROX):
            raise doc.error(node, M007, f"a counterpart that is {status.value} needs a column or expression")
        uses_values = status in (Status.IMPLIED, Status.VALUES, Status.APPROX)
        values = self._values(parts["values"]) if "values" in parts and uses_values else {}
        if status in (Status.IMPLIED, Status.VALUES) and not values:
            raise doc.error(node, M007, f"a counterpart that is {status.value} needs values")
        return values

    def _values(self, node: yaml.Node) -> Mapping[str, Replacement]:
        return {name: self._replacement(value) for name, _, value in self.doc.items(node, "values")}

    def _replacement(self, node: yaml.Node) -> Replacement:
        """`true`/`false`, raw text or a list, `{when: condition, differs: why}`, `{differs: why}`, `{none: why}` ..."""
        flag = self.doc.maybe_flag(node)
        if flag is not None:
            return Always(flag)
        if isinstance(node, yaml.MappingNode):
            return self._explained(
                node, dict(known_keys(self.doc, node, "a value", ("when", "none", "lost", "differs")))
            )
        return Raw(self.doc.texts(node, "a value"))

    def _explained(self, node: yaml.Node, parts: Mapping[str, yaml.Node]) -> Replacement:
        told = {name: self.doc.text(value, "a condition or reason") for name, value in parts.items()}
        match sorted(told):
            case ["when"] | ["differs", "when"]:
                return When(told["when"], self.doc.span(parts["when"]), told.get("differs", ""))
            case ["differs"]:
                return AsIs(told["differs"])
            case ["lost"]:
                return Lost(told["lost"])
            case ["none"]:
                return Unknown(told["none"])
            case _:
                raise self.doc.error(node, M007, "a value has one of when, none, lost, or differs beside when")

    def _present(self, node: yaml.Node) -> When | Always:
        flag = self.doc.maybe_flag(node)
        return Always(flag) if flag is not None else When(self.doc.text(node, "a condition"), self.doc.span(node))

    def _rewrite(self, node: yaml.Node) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return tuple((name, self.doc.texts(value, "rewrite")) for name, _, value in self.doc.items(node, "rewrite"))

    def _endings(self, node: yaml.Node) -> tuple[tuple[str, str], ...]:
        return tuple((name, self.doc.text(value, "endings")) for name, _, value in self.doc.items(node, "endings"))
