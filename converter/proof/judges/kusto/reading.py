"""Where Microsoft's pages leave a point open or contradict each other, each answer is a reading.

A query we emit must give the same rows under all of them. Names and sources:

null_equals_null          null == null: false (logical-operators page) or null (docs.bzrk.dev, checked on a cluster)
null_differs_from_null    null != null: true (user report, dataexplorer-docs#670), false (logical-operators), or null
null_ordered              null < v: null (null-values page), false (dataexplorer-docs#670), or true
                          (Kusto-Query-Language#148: a null row passes `where T >= ago(2h)`)
null_and_true             null (null-values page, "sticky") or false (logical-operators page)
mv_apply_keeps_column     `mv-apply a = f`: f is gone (text of the page) or kept (its examples)
join_matches_null         a null key joins nothing (null == null is not true) or a null key (duckdb-kql)
mv_apply_of_empty_runs    mv-apply of []: no row (mv-expand page) or the subquery on no rows
ipv6_reads_ipv4           ipv6_is_in_range of IPv4 text: mapped (parse-ipv6, ipv6-is-match pages) or null
set_has_element_of_null   null or false: the page says nothing of a null or non-array first argument
folds_unicode             =~ and friends fold ASCII only (older vendor text) or all letters
substring_clamps          substring("ab", -4): from the start, or "" (not on the page)
json_text_is_typed        parse_json turns text like a date into a datetime (parse-json page, "if possible") or not
json_null_is_null         isnull of a JSON null: true or false (not on the page)
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Reading:
    null_equals_null: bool | None = False
    null_differs_from_null: bool | None = True
    null_ordered: bool | None = None
    null_and_true: bool | None = None
    join_matches_null: bool = False
    mv_apply_keeps_column: bool = False
    mv_apply_of_empty_runs: bool = False
    ipv6_reads_ipv4: bool = True
    set_has_element_of_null: bool | None = None
    folds_unicode: bool = False
    substring_clamps: bool = True
    json_text_is_typed: bool = False
    json_null_is_null: bool = True


_DEFAULT = Reading()

READINGS: tuple[Reading, ...] = (
    _DEFAULT,
    replace(_DEFAULT, null_equals_null=None),
    replace(_DEFAULT, null_differs_from_null=False),
    replace(_DEFAULT, null_differs_from_null=None),
    replace(_DEFAULT, null_ordered=False),
    replace(_DEFAULT, null_ordered=True),
    replace(_DEFAULT, null_and_true=False),
    replace(_DEFAULT, join_matches_null=True),
    replace(_DEFAULT, mv_apply_keeps_column=True),
    replace(_DEFAULT, mv_apply_of_empty_runs=True),
    replace(_DEFAULT, ipv6_reads_ipv4=False),
    replace(_DEFAULT, set_has_element_of_null=False),
    replace(_DEFAULT, folds_unicode=True),
    replace(_DEFAULT, substring_clamps=False),
    replace(_DEFAULT, json_text_is_typed=True),
    replace(_DEFAULT, json_null_is_null=False),
)
