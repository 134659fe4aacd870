#!/usr/bin/env python3
"""The front door: python run.py WORD [NAME=value ...]; `make WORD` hands over to it.

WORDS
The name of a notebook, such as 03_results, executes it and what it needs.

PARAMETERS of a run of your own, which goes to a folder under runs/ and leaves the baseline alone:
  YEAR=2014 SCALING=rank LINKAGE=average K=6 INDICATORS="P2 P5 P12:manufacturing P14"
  TABLE=my_regions.xlsx      a table of your own: report.html, tables, figures and a notebook; with
    K=auto LABEL=name DROP="Total; Average" SHEET=2 YEAR=2020 COLUMNS="GDP; Income"
    COMPARE=other.csv MISSING=listwise SCALING=rank LINKAGE=average DISTANCE=manhattan
    MAP=my.geojson MAP_LABEL=name NEIGHBOURS=pairs.csv CONTIGUITY=hard
    WEIGHTS="GDP=2" TRANSPOSE=yes and GROUPS, RULE, SEED, SEP, DECIMAL, ENCODING, THOROUGH,
    as hclustkit report --help explains
  NAME=my-run                name of the folder; OVERWRITE=yes replaces an earlier result
  and every other parameter of study.yml, in capitals
ACCEPT=grp with the word seal: values of this series that were changed agree with its source.
PYTHON=/path/to/python3 names the Python (3.11 to 3.13) that the environment .venv is made with.
"""
# Standard library only; an old Python can read it too and names what is needed.

import difflib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
MARK = os.path.join(VENV, ".complete")
OLDEST, NEWEST = (3, 11), (3, 13)

# word: what it does, the locks it needs beside requirements.lock, its commands
WORDS = {
    "all": ("the whole analysis of study.yml (without a word the same)", (), [["build"]]),
    "figure3": (
        "the shortest way for a reviewer: Figure 3 from the raw data, compared on one screen",
        (),
        [["do", "-m", "kzclusters.publish.metadata.figure3"]],
    ),
    "paper": ("the manuscript as PDF, HTML and DOCX (part of all)", (), [["build", "paper"]]),
    "explorer": ("site/explorer.html: choose, and see the clusters", (), [["build", "explorer"]]),
    "site": (
        "notebooks, paper, data dictionary and explorer as one static site in site/",
        ("docs",),
        [["build", "site"]],
    ),
    "lab": (
        "open the notebooks in JupyterLab; what you execute there goes to runs/by-hand/",
        ("lab",),
        [["lab"]],
    ),
    "check": (
        "lint, types, layers and the fast tests",
        ("checks", "docs"),
        [["do", "tools/check.py"]],
    ),
    "test": (
        "every check; what it needs is installed and built first",
        ("checks", "docs"),
        [["build"], ["do", "-m", "pytest", "-n", "2", "--dist", "worksteal"], ["nbval"]],
    ),
    "test-long": (
        "the long forms of the checks; docs/checks.md keeps their results",
        ("checks", "docs"),
        [["build"], ["long"], ["nbval", "long"]],
    ),
    "browser": (
        "bring the browser of the tests that look at pages",
        ("checks",),
        [["do", "tools/browser.py"]],
    ),
    "verify": (
        "build the last commit again in a fresh clone and name every file that differs",
        (),
        [["do", "-m", "kzclusters.publish.metadata.verify"]],
    ),
    "matrix": (
        "the same for each Python that is found and each kernel of the linear algebra",
        (),
        [["do", "-m", "kzclusters.publish.metadata.verify", "--matrix"]],
    ),
    "bench": (
        "our speed beside that of other programs, in one run",
        ("checks",),
        [["do", "benchmarks/run.py"]],
    ),
    "seal": (
        "after a deliberate change of the raw data: write the new SHA-256",
        (),
        [["do", "-m", "kzclusters.evidence.sources", "seal"]],
    ),
    "clean": ("forget what was built; environment, results and runs/ stay", None, []),
    "help": ("this list", None, []),
}
# with TABLE: the options of hclustkit report, in capitals
OWN = ["K", "LABEL", "SHEET", "YEAR", "COLUMNS", "DROP", "MISSING", "TRANSPOSE", "SEP", "DECIMAL"]
OWN += ["ENCODING", "RULE", "SCALING", "DISTANCE", "LINKAGE", "WEIGHTS", "GROUPS", "SEED"]
OWN += ["THOROUGH", "COMPARE", "CATEGORIES"]
OWN += ["MAP", "MAP_LABEL", "REPAIR_MAP", "NEIGHBOURS", "CONTIGUITY"]
SWITCHES = ("TRANSPOSE", "THOROUGH", "REPAIR_MAP")
YES, NO = ("yes", "1", "true"), ("no", "0", "false", "")
SHORT = {"K": "n_clusters", "TABLE": "table_path", "NAMES": "names_path"}
SAME = {"N_CLUSTERS": "K", "TABLE_PATH": "TABLE", "NAMES_PATH": "NAMES", "COLUMNS": "INDICATORS"}
DOOR = ("NAME", "OVERWRITE", "PYTHON", "ACCEPT")
NOT_OF_A_RUN = ("PYTHON", "ACCEPT")


def fail(message):
    """Say in one line what is wrong, and end."""
    print("error: " + message, file=sys.stderr)
    sys.exit(1)


def nearest(name, known):
    """Say which of the known names is near, or which there are."""
    near = difflib.get_close_matches(name, known, 1, 0.5)
    return f"did you mean {near[0]}?" if near else "there are " + ", ".join(known)


# --- what is asked for -------------------------------------------------------------------------
def parameters():
    """Return NAME -> parameter of study.yml."""
    try:
        with open(os.path.join(ROOT, "study.yml"), encoding="utf-8") as stream:
            text = stream.read()
    except (OSError, ValueError) as error:
        fail(f"study.yml: {error}")
    names = re.findall(r"^  (\w+):", text, re.MULTILINE)
    known = {name.upper(): name for name in names if name not in ("out_dir", "figures_dir")}
    known.update(SHORT)
    return known


def read_words(arguments):
    """Split the command line into words and parameters; refuse what is not known."""
    known = parameters()
    words, given = [], {}
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if not equals:
            notebook = os.path.join(ROOT, "notebooks", *name.split("/")) + ".ipynb"
            if name not in WORDS and not (re.match(r"[\w/]+$", name) and os.path.isfile(notebook)):
                fail(f"there is no word {name!r}; {nearest(name, list(WORDS))}")
            words.append(name)
        elif name not in known and name not in DOOR and name not in OWN:
            choices = [other for other in [*DOOR, *known, *OWN] if other not in given]
            fail(f"there is no parameter {name!r}; {nearest(name.upper(), choices)}")
        elif any(SAME.get(name, name) == SAME.get(other, other) for other in given):
            fail(f"{name} is given twice")
        elif not value.strip() and name not in ("OVERWRITE", "PYTHON", *SWITCHES):
            fail(f"{name} is empty")
        else:
            given[name] = value
    if "ACCEPT" in given and words != ["seal"]:
        fail("ACCEPT belongs to the word seal: run.py seal ACCEPT=name_of_a_series")
    own = [name for name in given if name not in NOT_OF_A_RUN]
    if own and words:
        fail(f"{own[0]} belongs to a run of your own, which takes no word")
    if set(own) and not set(own) - {"NAME", "OVERWRITE"}:
        fail(f"{own[0]} alone changes nothing: name a parameter of study.yml")
    for name in ("OVERWRITE", *SWITCHES):
        if given.get(name, "yes") not in YES + NO:
            fail(f"{name} is yes or no, got {given[name]!r}")
    alone = [name for name in own if name in OWN and name not in known]
    if alone and "TABLE" not in given:
        fail(f"{alone[0]} belongs to a table of your own: TABLE=...")
    return words, given


def study(given):
    """Return the arguments of a run with other parameters."""
    known = parameters()
    own = "TABLE" in given
    arguments = ["table" if own else "study"]
    for name, value in given.items():
        if name in known and not (own and name in ("TABLE", "INDICATORS", *OWN)):
            arguments += ["--set", known[name] + "=" + value]
    if "NAME" in given:
        arguments.append("--name=" + given["NAME"])
    if given.get("OVERWRITE", "no") in YES:
        arguments.append("--overwrite")
    if own:
        arguments += ["--", given["TABLE"]]
        for name, value in given.items():
            if name in SWITCHES:
                arguments += ["--" + name.lower().replace("_", "-")] if value in YES else []
            elif name in OWN or name == "INDICATORS":
                option = {"K": "-k", "INDICATORS": "--columns="}.get(
                    name, f"--{name.lower().replace('_', '-')}="
                )
                arguments.append(option + value)
    return arguments


# --- environment -------------------------------------------------------------------------------
def version_of(python):
    """Return (3, 12, 1) of an interpreter; None where it does not start."""
    code = "import sys; print(*sys.version_info[:3], sys.executable, sep='|')"
    try:
        ask = [python, "-c", code]  # Python 3.6, which many servers start, knows no capture_output
        done = subprocess.run(ask, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        major, minor, micro, path = done.stdout.decode().strip().split("|", 3)
        return (int(major), int(minor), int(micro)), path
    except (OSError, ValueError):
        return None, None


def interpreter(named):
    """Return the Python to make the environment with; one that is named is never passed over."""
    needed = "Python {}.{} to {}.{} is needed".format(*OLDEST, *NEWEST)
    if named:
        version, path = version_of(named)
        if version is None:
            fail(f"PYTHON={named}: no Python starts there; {needed}")
        if not OLDEST <= version[:2] <= NEWEST:
            fail("PYTHON={}: it is Python {}.{}.{}; {}".format(named, *version, needed))
        return path, version
    numbered = [f"python{NEWEST[0]}.{n}" for n in range(NEWEST[1], OLDEST[1] - 1, -1)]
    for candidate in [sys.executable, "python3", *numbered, "python"]:
        version, path = version_of(candidate) if candidate else (None, None)
        if version and OLDEST <= version[:2] <= NEWEST:
            return path, version
    fail(needed + " and was not found; name one: PYTHON=/path/to/python3")


def digest(name):
    """Return the SHA-256 of a file of the project."""
    with open(os.path.join(ROOT, name), "rb") as stream:
        return hashlib.sha256(stream.read()).hexdigest()


def python_of(venv):
    """Return the interpreter of a virtual environment."""
    windows = os.path.join(venv, "Scripts", "python.exe")
    return windows if os.name == "nt" else os.path.join(venv, "bin", "python")


def site_packages(venv):
    """Return the folder where a virtual environment holds its packages."""
    if os.name == "nt":
        return os.path.join(venv, "Lib", "site-packages")
    found = os.path.join(venv, "lib")
    folders = [os.path.join(found, name, "site-packages") for name in sorted(os.listdir(found))]
    there = [folder for folder in folders if os.path.isdir(folder)]
    if not there:
        raise OSError(found + " holds no packages")
    return there[-1]


def installed(venv):
    """Return each installed distribution with the entries of site-packages that belong to it."""
    folder = site_packages(venv)
    found = {}
    for name in sorted(os.listdir(folder)):
        record = os.path.join(folder, name, "RECORD")
        if name.endswith(".dist-info") and os.path.isfile(record):
            with open(record, encoding="utf-8") as stream:
                tops = {line.split(",")[0].split("/")[0] for line in stream}
            found[name] = sorted(top for top in tops if top and not top.startswith(("..", '"')))
    return found


def mark(venv, locks, version):
    """Note what the environment holds, so that damage is noticed and repaired."""
    content = {
        "python": ".".join(map(str, version)),
        "locks": {lock: digest(lock) for lock in locks},
        "packages": installed(venv),
    }
    with open(os.path.join(venv, ".complete"), "w", encoding="utf-8") as stream:
        json.dump(content, stream, indent=1)


def noted():
    """Read what `mark` has noted; nothing where it is missing or damaged."""
    try:
        with open(MARK, encoding="utf-8") as stream:
            content = json.load(stream)
        for lock, known in content["locks"].items():
            os.path.join(lock, known, content["python"])  # texts
        whole = all(isinstance(tops, list) for tops in content["packages"].values())
        return content if whole else {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def damaged(content):
    """Return the distributions of which an entry is gone."""
    try:
        there = set(os.listdir(site_packages(VENV)))
    except OSError:
        return ["everything"]
    return [name for name, tops in content["packages"].items() if not there.issuperset(tops)]


def remove(path):
    """Remove a file, a link or a folder, where there is one."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    elif os.path.lexists(path):
        os.remove(path)


def prepare(extras, named):
    """Make the environment, or complete or repair it; return its Python."""
    locks = ["requirements.lock"] + [f"requirements-{name}.lock" for name in extras]
    content = noted()
    python = python_of(VENV)
    if content:
        locks = locks + [name for name in content["locks"] if name not in locks]
        locks = [name for name in locks if os.path.isfile(os.path.join(ROOT, name))]
    current = content and all(content["locks"].get(lock) == digest(lock) for lock in locks)
    broken = damaged(content) if content else []
    if named:
        path, version = interpreter(named)
        if content and content["python"] != ".".join(map(str, version)):
            print("making .venv again with Python {}.{}.{}".format(*version), flush=True)
            remove(VENV)
            current = False
    if current and not broken and os.path.exists(python):
        return python
    if not named:
        path, version = interpreter(os.environ.get("PYTHON"))
    if not os.path.exists(python) or version_of(python)[0] is None or broken == ["everything"]:
        remove(VENV)
        broken = []
        execute(
            ["uv", "venv", "--quiet", "--python", path, VENV]
            if uv()
            else [path, "-m", "venv", VENV]
        )
    for name in broken:
        print("{} is damaged and is installed again".format(name.split("-")[0]), flush=True)
        remove(os.path.join(site_packages(VENV), name))
    remove(MARK)
    print(
        "installing the packages of {} into .venv (a minute or two)".format(", ".join(locks)),
        flush=True,
    )
    files = [word for lock in locks for word in ("-r", os.path.join(ROOT, lock))]
    hashed = ["--require-hashes", *files]
    own = ["--no-deps", "--no-build-isolation", "--editable", ROOT]
    own += ["--editable", os.path.join(ROOT, "packages", "hclustkit")]
    for wanted in (hashed, own):
        if uv():
            execute(
                [
                    "uv",
                    "pip",
                    "install",
                    "--quiet",
                    "--compile-bytecode",
                    "--python",
                    python,
                    *wanted,
                ]
            )
        else:
            pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
            execute([*pip, *wanted])
    mark(VENV, locks, version_of(python)[0])
    return python


def uv():
    """Return the path of uv where it is installed."""
    return shutil.which("uv")


NO_NETWORK = (
    "NewConnectionError",
    "Temporary failure in name resolution",
    "No matching distribution",
    "dns error",
    "Failed to fetch",
    "Connection refused",
    "ConnectTimeout",
)


def execute(command):
    """Run a command of the set-up; say in a line why it failed."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode == 0:
        return
    output = done.stdout.decode("utf-8", "replace").strip()
    errors = [line for line in output.splitlines() if "error" in line.lower()] or [output[-300:]]
    if any(sign in output for sign in NO_NETWORK):
        fail(
            "the packages could not be fetched: no package registry answers. Connect to a network, "
            f"or set PIP_INDEX_URL to a registry that can be reached ({errors[-1].strip()})"
        )
    if "No space left" in output:
        fail("the disk is full; the environment in .venv needs about 1.5 GB")
    fail("{} failed: {}".format(" ".join(command[:4]), errors[-1].strip()))


# --- doing it ----------------------------------------------------------------------------------
def environment():
    """Return the environment of a command: nothing leads to another checkout."""
    trees = [os.path.join(ROOT, "src"), os.path.join(ROOT, "packages", "hclustkit", "src")]
    lost = ("MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "MAKELEVEL", "VIRTUAL_ENV")
    lost += ("KZCLUSTERS_ROOT", "KZCLUSTERS_OUTPUT")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in lost and not name.startswith("PYTHON")
    }
    kept["PYTHONPATH"] = os.pathsep.join(trees)
    kept["PYTHONHASHSEED"] = "0"
    return kept


def call(python, arguments):
    """Hand over to the package; end with its exit code where it fails."""
    env = environment()
    test = ["do", "-m", "pytest", "-n", "2"]
    if arguments == ["lab"]:
        command = [python, "-m", "jupyterlab", "--notebook-dir=" + ROOT, *lab(env)]
    else:
        if arguments[-1] == "long":
            env["LONG_FORMS"] = "1"
        if arguments[0] == "nbval":
            env["KZCLUSTERS_OUTPUT"] = os.path.join(ROOT, "build", "nbval")
            options = ["--dist", "loadfile", "--nbval", "--nbval-current-env", "notebooks"]
            arguments = [*test, *options]
        elif arguments == ["long"]:
            arguments = [*test, "--dist", "worksteal", "-m", "long"]
        command = [python, "-m", "kzclusters.run", *arguments]
    try:
        code = subprocess.run(command, cwd=ROOT, env=env).returncode
    except KeyboardInterrupt:
        code = 130
    if code:
        sys.exit(code if code > 0 else 128 - code)


def lab(env):
    """Return the options of JupyterLab, and settings in env.

    No news; pages of the project run their scripts, the explorer among them; root in a container.
    """
    folder = os.path.join(ROOT, "build", "lab", "labconfig")
    os.makedirs(folder, exist_ok=True)
    quiet = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    trusted = {"@jupyterlab/htmlviewer-extension:plugin": {"trustByDefault": True}}
    for name, content in (("page_config", quiet), ("default_setting_overrides", trusted)):
        with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as file:
            json.dump(content, file)
    path = [os.path.dirname(folder), env.get("JUPYTER_CONFIG_PATH")]
    env["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, path))
    options = ["--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        print("You are root, as in many containers: JupyterLab is started with --allow-root.")
        options.append("--allow-root")
    return options


def explain():
    """Print the words and the parameters."""
    before, _, after = __doc__.partition("WORDS\n")
    print(before + "WORDS")
    for word, (text, _, _) in WORDS.items():
        print(f"  {word:<10} {text}")
    print("\n" + after.strip())


def main(arguments):
    """Do what the command line asks for."""
    words, given = read_words(arguments)
    own = [name for name in given if name not in NOT_OF_A_RUN]
    for word in words or ["all"]:
        _, extras, commands = WORDS.get(word, ("", (), [["build", word]]))
        if word == "help":
            explain()
        elif word == "clean":
            for folder in ("build", "site"):
                shutil.rmtree(os.path.join(ROOT, folder), ignore_errors=True)
        else:
            python = prepare(extras, given.get("PYTHON"))
            extra = ["--accept", given["ACCEPT"]] if "ACCEPT" in given else []
            for command in [study(given)] if own else commands:
                call(python, command + extra)


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):  # end quietly where nobody reads on, as in `| head`
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    main(sys.argv[1:])
