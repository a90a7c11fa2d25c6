"""duckdb-kql as a judge of pipelines: too slow for `verify`, which asks it for single events alone."""

from __future__ import annotations

from collections.abc import Mapping

from converter.model.rule import Rule
from converter.proof.alerts import Answer, answer
from converter.proof.judge import CannotJudgeError
from converter.proof.judges.errors import EngineUnavailable, Unsupported
from converter.proof.judges.kusto_duckdb import DuckdbTable
from converter.proof.panel.sentinel import TABLE, DuckdbJudge, kusto_table
from converter.proof.staging import Scene
from converter.target.artifact import Artifact


class DuckdbRows(DuckdbJudge):
    """Names the rows of a query too."""

    by_event = True

    def answers(self, rule: Rule, artifact: Artifact, scene: Scene) -> Mapping[str, Answer]:
        """The rows of the query. Raises CannotJudgeError."""
        columns, rows, held = kusto_table(rule, artifact, scene, arrays_only=True)
        if not all(held):
            raise CannotJudgeError("duckdb cannot hold an event")
        try:
            table = DuckdbTable(TABLE, columns, rows)
            try:
                found = answer(rule, scene, table.run(artifact.text), by_event=True, without=artifact.left_out)
            finally:
                table.close()
        except (Unsupported, EngineUnavailable) as why:
            raise CannotJudgeError(f"duckdb: {str(why)[:60]}") from why
        return {self.name: found}
