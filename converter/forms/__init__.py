"""Which of several equivalent forms of a condition to write, given what is known of the data.

A target lists the forms of a leaf, each with the facts under which it is exact and a cost; `choose` takes the
cheapest whose facts are declared, and notes the facts that the artifact then rests on.
"""

from converter.forms.choose import Form as Form
from converter.forms.choose import Ledger as Ledger
from converter.forms.choose import Trust as Trust
from converter.forms.choose import choose as choose
