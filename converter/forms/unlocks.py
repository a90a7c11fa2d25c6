"""What a declared fact is good for: the forms that it allows, by the fact's name in tables."""

from __future__ import annotations

from collections.abc import Mapping

UNLOCKS: Mapping[str, str] = {
    "ascii_case": "Comparisons without regard to case by the platform's own operators (Splunk's search, =~ and "
    "contains in Kusto, Sigma's plain values, (?i) in expressions) in place of classes that spell both letters out.",
    "lower_case": "== and in against the value in lower case, which Kusto prefers over =~.",
    "drive_path": "A path whose drive is left open (?:\\Windows\\x.exe) as text that ends in or holds what follows: "
    '"*:\\\\Windows\\\\x.exe" in Splunk, endswith in Kusto and Sigma, instead of an expression.',
    "posix_path": "A path that begins anywhere (*/bin/x) as text that ends in it, and / as the mark of a whole path.",
    "one_line": "Values joined by line breaks and looked at as one text, and expressions whose . need not take line "
    "breaks.",
    "never_empty": "Presence as f=* in Splunk and isnotempty in Kusto, not a test that tells empty from missing.",
    "one_spelling": "Comparisons that ignore case where the rule does not: f=v in Splunk's search, a plain value in "
    "Sigma without |cased.",
    "address": "Networks by the platform's own functions (cidrmatch, ipv4_is_in_range, |cidr), no port to take off.",
    "written_compact": "One look at the text of JSON or XML instead of parsing it first.",
    "identifier": "Identifiers, digests and SIDs as plain text without regard to case; joins by them in one case.",
    "always": "Leaving out the test that the field is there.",
    "plain_number": "Numbers as the platform reads them from text: EventCode=4688 without a conversion.",
    "plain_text": "Several values joined by the sign U+001F and compared as one text.",
}
