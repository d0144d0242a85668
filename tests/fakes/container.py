"""A Containerfile read, built and run without a container engine: as root, in a folder of its own.

The base image is this machine's own system and Python, read-only; each stage is a folder with the
rest, entered by chroot in a mount namespace. So what the file says is what is run.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

#: $1 the root, $2 the volume or nothing; then what chroot takes
ENTER = """
set -e
PATH=$PATH:/usr/sbin:/sbin
root=$1; volume=$2; shift 2
mount --bind "$root" "$root"
for one in $BASE; do
  mkdir -p "$root$one"; mount --bind -o ro "$one" "$root$one"
done
for one in /proc /dev; do mkdir -p "$root$one"; mount --rbind "$one" "$root$one"; done
mkdir -p "$root/tmp"; mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
if [ -n "$volume" ]; then
  mount --bind "$volume" "$root/data"
  mount -o remount,bind,ro "$root"
fi
exec chroot "$@"
"""


def instructions(text: str) -> list[tuple[str, str]]:
    """Each instruction and its argument, in order."""
    joined = text.replace("\\\n", " ")
    lines = (line.strip() for line in joined.splitlines())
    found = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return [(word.upper(), rest.strip()) for word, _, rest in found]


class Stage:
    """One stage: its folder, and what its instructions have set."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(mode=0o755)
        self.folder = "/"
        self.environment: dict[str, str] = {}
        self.said: dict[str, str] = {}

    def path(self, inside: str) -> Path:
        """Where a path of the stage is on this machine."""
        return self.root / os.path.normpath(os.path.join(self.folder, inside)).lstrip("/")  # noqa: PTH118

    def command(
        self, words: list[str], *, user: str = "0:0", volume: Path | None = None
    ) -> list[str]:
        """What runs these words in the stage; with a volume, all but that and /tmp is read-only."""
        into = ["env", "-C", self.folder, *words]
        inside = [f"--userspec={user}", "--groups=", str(self.root), *into]
        return [
            *("unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER, "sh"),
            *(str(self.root), str(volume or "")),
            *inside,
        ]


class Container:
    """What a Containerfile makes.

    Args:
        file: The Containerfile.
        context: The folder it copies from.
        folder: Where everything is made.
    """

    def __init__(self, file: Path, context: Path, folder: Path) -> None:
        self._instructions = instructions(file.read_text())
        self._context = context
        self._folder = folder
        self._stages: dict[str, Stage] = {}
        self._links = [f"/{one}" for one in ("bin", "sbin", "lib", "lib64") if _is_link(one)]
        base = [f"/{one}" for one in ("usr", "etc", "bin", "sbin", "lib", "lib64", "opt")]
        self._base = [one for one in base if Path(one).is_dir() and one not in self._links]
        self._base.remove("/opt")
        self._base += [str(one) for one in Path("/opt").iterdir() if one.is_dir()]
        if not sys.base_prefix.startswith("/usr"):
            self._base.append(sys.base_prefix)
        self.final: Stage

    @property
    def mounts(self) -> dict[str, str]:
        """What ENTER is told of this machine."""
        return {"BASE": " ".join(self._base)}

    def build(self) -> None:
        """Do what the instructions say, in order.

        Raises:
            subprocess.CalledProcessError: A RUN failed.
        """
        for word, rest in self._instructions:
            match word:
                case "FROM":
                    self._begin(rest)
                case "WORKDIR":
                    self.final.folder = rest
                    self.final.path("").mkdir(parents=True, exist_ok=True)
                case "COPY":
                    self._copy(shlex.split(rest))
                case "RUN":
                    self._run(rest)
                case "ENV":
                    name, _, value = rest.partition("=")
                    self.final.environment[name] = value
                case _:
                    self.final.said[word] = rest

    def words(self, *instructions: str) -> list[str]:
        """The words of ENTRYPOINT, CMD and their like, in their JSON form."""
        return [one for name in instructions for one in json.loads(self.final.said[name])]

    def healthcheck(self) -> list[str]:
        """The words of HEALTHCHECK's command."""
        found: list[str] = json.loads(self.final.said["HEALTHCHECK"].partition(" CMD ")[2])
        return found

    def start(self, words: list[str], volume: Path, **environment: str) -> subprocess.Popen[bytes]:
        """Run words as the container would: its user, its variables, read-only but the volume."""
        stage = self.final
        return subprocess.Popen(
            stage.command(words, user=stage.said["USER"], volume=volume),
            env={**self._environment(), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def _environment(self) -> dict[str, str]:
        return {"PATH": _path(), **self.final.environment, **self.mounts}

    def _begin(self, rest: str) -> None:
        _, _, name = rest.partition(" AS ")
        self.final = self._stages[name or "final"] = Stage(self._folder / (name or "final"))
        for link in self._links:
            (self.final.root / link.lstrip("/")).symlink_to(os.readlink(link))  # noqa: PTH115

    def _copy(self, words: list[str]) -> None:
        source: Any = self._context
        if words[0].startswith("--from="):
            source = self._stages[words.pop(0).removeprefix("--from=")].root
        *names, target = words
        for name in names:
            one, to = source / name.lstrip("/"), self.final.path(target)
            if one.is_dir():
                skipped = shutil.ignore_patterns("__pycache__", "screenshots")
                shutil.copytree(one, to, symlinks=True, ignore=skipped)
            else:
                shutil.copy(one, to / one.name if target.endswith("/") else to)

    def _run(self, line: str) -> None:
        passed = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        proxies = {name: value for name, value in os.environ.items() if "proxy" in name.lower()}
        subprocess.run(
            self.final.command(["sh", "-c", line]),
            env={"HOME": "/tmp", **passed, **proxies, **self._environment()},  # noqa: S108
            check=True,
            capture_output=True,
            timeout=300,
        )


def _is_link(name: str) -> bool:
    return Path("/", name).is_symlink()


def _path() -> str:
    return f"{sys.base_prefix}/bin:/usr/bin:/bin"
