"""Pin the environments: requirements.lock for all, binder/requirements.txt for students.

The lock keeps versions and hashes but no index address, so that it installs from whatever index a
machine uses. Needs the network, and ``uv`` (fetched with pip into a throw-away environment).
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMON = [
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
    "--no-annotate",
    "--quiet",
]


def main() -> None:
    """Write both files, the students' one with versions taken from the full lock."""
    with tempfile.TemporaryDirectory() as scratch:
        venv.create(scratch, with_pip=True)
        python = str(Path(scratch) / ("Scripts" if sys.platform == "win32" else "bin") / "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "uv"], check=True)

        def pin(out: Path, *arguments: str) -> None:
            command = [python, "-m", "uv", "pip", "compile", *COMMON, *arguments]
            subprocess.run([*command, "pyproject.toml", "-o", str(out)], cwd=ROOT, check=True)
            print(f"wrote {out.relative_to(ROOT)}")

        full = ROOT / "requirements.lock"
        pin(full, "--upgrade", "--extra", "book", "--extra", "test", "--extra", "launch")
        pin(ROOT / "binder" / "requirements.txt", "--extra", "launch", "--constraint", str(full))


if __name__ == "__main__":
    main()
