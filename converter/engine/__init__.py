"""All rules at once over streams of events: what `converter.reference` says, sooner.

`Engine` plans predicates once: the class of an event and what it holds lead to the few that may hold of it, which are
then verified. `converter.engine.matcher` is where to begin reading; `stateful` holds the rules over several events.
"""

from converter.engine.engine import Engine as Engine
from converter.engine.session import Alert as Alert
from converter.engine.session import Session as Session
