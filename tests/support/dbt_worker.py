"""dbt in another environment, kept running: it reads command lines and writes answers as lines of JSON.

It is run by the Python of that environment (dbt-core 1.7 with dbt-mysql), so it must not import our code.
"""

import json
import os
import sys
from typing import Any


def answer_of(runner: Any, arguments: list[str]) -> tuple[Any, dict[str, Any]]:
    answer = runner.invoke(arguments)
    results = getattr(answer.result, "results", None) or []
    return answer.result, {
        "success": answer.success,
        "exception": None if answer.exception is None else str(answer.exception),
        "failed": [
            f"{result.node.name}: {result.message}"
            for result in results
            if str(result.status) in ("error", "fail", "runtime error", "skipped")
        ],
    }


def main() -> None:
    # Whatever dbt prints goes to stderr; only the answers go to the real stdout.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    from dbt.cli.main import dbtRunner

    manifest = None
    for line in sys.stdin:
        request = json.loads(line)
        os.environ.update(request["environment"])
        arguments = request["arguments"]
        result, told = answer_of(dbtRunner(manifest=manifest), arguments)
        if arguments[0] == "parse" and told["success"]:
            manifest = result
        answers.write(json.dumps(told) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
