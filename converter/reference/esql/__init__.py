"""What a pipeline gives for rows: the slow, obvious meaning of `converter.model.pipeline`.

`esql` runs a query of ES|QL over tables of rows, as Elasticsearch would over indices of these names.
"""

from converter.reference.esql.query import esql as esql
from converter.reference.esql.run import run as run
from converter.reference.esql.table import Table as Table
from converter.reference.esql.table import TableColumn as TableColumn
