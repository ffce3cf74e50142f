"""Builds txtai's hybrid index. Run as a file by the Python of txtai's own environment, which has no loccit."""

import json
import sys
from pathlib import Path

from txtai import Embeddings


def main() -> None:
    """Arguments: passages as JSON Lines with `id` and `text`, the folder of the index, that of the model."""
    passages, folder, model = sys.argv[1:]
    with Path(passages).open(encoding="utf-8") as file:
        found = [json.loads(line) for line in file]
    embeddings = Embeddings(path=model, hybrid=True, content=True)
    embeddings.index((each["id"], each["text"], None) for each in found)
    embeddings.save(folder)


if __name__ == "__main__":
    main()
