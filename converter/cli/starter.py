"""A starter for `--mapping`: a table of one's own, or changes to a table of the package, with comments."""

from __future__ import annotations

from converter.datasets.reading.catalogue import Catalogue

_OWN = """\
# A data set table of your own: where one data set's events are on your platforms, and which field stands for which.
# Use it with --mapping FILE, or mapping = "FILE" in siemglot.toml. docs/tables.md describes every key.
dataset: {name}
title: {name}
match:                               # which rules are about this data set
  index: ["logs-{name}-*"]           # index patterns of its own
  datasets: [{name}]                 # values of data_stream.dataset or event.dataset
evidence:                            # where each fact comes from; entries cite the codes
  OWN: "our own events"
platforms:                           # leave out the platforms that you do not have
  splunk:
    events:                          # a place; the name is yours
      header: {{index: main, sourcetype: "vendor:product"}}
      show: [src, user, action]      # the columns an analyst looks at first
      # closed: [action]             # columns in which no two values differ in case only
      # facts: {{drive_path: [path], one_line: [line]}}   # `siemglot explain A03` says what each allows
  sentinel:
    Custom_CL:                       # the table's name
      header: {{table: Custom_CL}}
      columns: {{SrcIp: string, User: string, Action: string}}
      show: [SrcIp, User, Action]
  sigma:
    events:
      header: {{product: vendor, service: audit}}
fields:                              # one entry a field of Elastic's
  event.dataset:                     # the same for every event: a rule may ask for it
    type: keyword
    values: {{{name}: true}}
    splunk: implied
    sentinel: implied
    sigma: implied
    ev: [OWN]
  source.ip: {{type: ip, splunk: exact src, sentinel: exact SrcIp, sigma: exact src, ev: [OWN]}}
  user.name: {{type: keyword, splunk: exact user, sentinel: exact User, sigma: exact user, ev: [OWN]}}
  event.action:
    type: keyword
    splunk: {{status: values, to: action, values: {{user-login: login, user-logout: logout}}}}
    sentinel: {{status: values, to: Action, values: {{user-login: Login, user-logout: Logout}}}}
    sigma: {{status: values, to: action, values: {{user-login: login, user-logout: logout}}}}
    ev: [OWN]
  # vendor.note: {{type: keyword, splunk: absent, sentinel: none}}   # never set there; no counterpart
"""

_CHANGES = """\
# Changes to the package's table {name}. Use it with --mapping FILE, or mapping = "FILE" in siemglot.toml.
# Header keys are merged (an empty value removes one), an entry of a field replaces the platforms that it names.
extends: {name}
evidence:
  OWN: "our own events"
platforms:
{places}
fields: {{}}
# fields:
#   your.field: {{type: keyword, {example}: exact your_column, ev: [OWN]}}
"""


def starter(name: str, tables: Catalogue) -> str:
    """The text of a mapping file for the data set `name`, which the package may have."""
    known = {listing.name: listing for listing in tables.listings if listing.places}
    if name not in known:
        return _OWN.format(name=name or "vendor.product")
    table = tables.table(name)
    lines: list[str] = []
    for platform, places in table.places.items():
        lines.append(f"  {platform}:")
        for place in places:
            header = ", ".join(f"{key}: {_quoted(value)}" for key, value in place.header.items())
            lines.append(f"    {place.name}:")
            lines.append(f"      header: {{{header}}}")
    return _CHANGES.format(name=name, places="\n".join(lines), example=next(iter(table.places)))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
