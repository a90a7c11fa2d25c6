"""The reference meaning of the model: slow is fine, obvious is required.

`matches` judges one event, `alerts` a whole detection over events, `evaluate` a rule. `SequenceStream` and
`converter.reference.sequence.SequenceMatcher` take events one by one.
"""

from converter.reference.detection import Alert as Alert
from converter.reference.detection import Clock as Clock
from converter.reference.detection import SequenceStream as SequenceStream
from converter.reference.detection import alerts as alerts
from converter.reference.detection import clock_of as clock_of
from converter.reference.detection import evaluate as evaluate
from converter.reference.event import Event as Event
from converter.reference.predicate import matches as matches
