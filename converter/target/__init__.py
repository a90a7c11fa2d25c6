"""What a target is: the contract that a platform fulfils, how targets are found, and what a conversion gives."""

from converter.target.contract import Binding as Binding
from converter.target.contract import Bound as Bound
from converter.target.contract import Emission as Emission
from converter.target.contract import Notebook as Notebook
from converter.target.contract import Target as Target
from converter.target.options import Options as Options
from converter.target.support import SUPPORTED as SUPPORTED
from converter.target.support import Gap as Gap
from converter.target.support import Level as Level
from converter.target.support import Partial as Partial
from converter.target.support import Refusal as Refusal
from converter.target.support import Support as Support
