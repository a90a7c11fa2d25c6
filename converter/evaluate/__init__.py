"""The reference meaning of the model: slow is fine, obvious is required.

`matches` judges one event, `alerts` a whole detection over events, `evaluate` a rule. `SequenceStream` and
`converter.evaluate.sequence.SequenceMatcher` take events one by one.
"""

from converter.evaluate.detection import Alert as Alert
from converter.evaluate.detection import Clock as Clock
from converter.evaluate.detection import SequenceStream as SequenceStream
from converter.evaluate.detection import alerts as alerts
from converter.evaluate.detection import clock_of as clock_of
from converter.evaluate.detection import evaluate as evaluate
from converter.evaluate.event import Event as Event
from converter.evaluate.predicate import matches as matches
