# The figures through Snakemake: images -> networks by shape -> records and figure files -> notebooks and book.
# Every job calls the command line, which skips what the store has; see book/cluster.md. Try `snakemake -n`.
import shlex
import sys

from isoaux import paper, settings
from isoaux.commands import chosen, options
from isoaux.common import choices, disk, paths, versions
from isoaux.site import notebooks

names = config.get("figures", "")
FIGURES = {f.name: f for f in chosen.figures(names.replace(",", " ").split() if isinstance(names, str) else names)}
PROFILE = choices.choose("profile", config.get("profile", "paper"), {p: p for p in paper.PROFILES if p != "published"})
GIVEN = {"profile": PROFILE} | {name: config[name] for name in ("dataset", "dtype") if name in config}
SETTINGS = settings.read(GIVEN | {"device": config.get("device", "auto")})
BUDGET = str(config.get("budget", "50m"))
OPTIONS = shlex.join(word for name, value in GIVEN.items() for word in (f"--{name}", str(value)))
RUN = f"OMP_NUM_THREADS=1 {shlex.quote(sys.executable)} -m isoaux"

SOURCES = sorted({SETTINGS.dataset_for(figure) for figure in FIGURES.values() if figure.configurations})
SHAPES = {name: list(dict.fromkeys(c.shape for c in figure.configurations)) for name, figure in FIGURES.items()}
PAGES = notebooks.pages(name for name in FIGURES if name in notebooks.holding())
BOOK = [name for members in PAGES.values() if set(members) <= set(FIGURES) for name in members]  # whole pages
# What a marker says is true of this store, these images, this arithmetic and this code.
HOLDS = disk.digest([GIVEN, SETTINGS.dataset, str(paths.cache()), versions.ENGINE_VERSION, versions.MEASURE_VERSION])
MARKS = paths.build("workflow") / PROFILE / HOLDS[:8]

def mark(step, names):
    return f"{MARKS}/{step}/{'-'.join(names)}.done"
def trained(wildcards):
    return [mark(f"train/{s}", [n for n in FIGURES if s in SHAPES[n]]) for s in SHAPES[wildcards.figure]]
def before(wildcards):  # figures of the same networks are published one after the other: they write the same records
    here, earlier = set(FIGURES[wildcards.figure].configurations), list(FIGURES)[:list(FIGURES).index(wildcards.figure)]
    return [ancient(mark("figure", [n])) for n in earlier if here & set(FIGURES[n].configurations)]

localrules: all, images  # images: two jobs must not download at once, and a node may have no network

rule all:
    input: [mark("figure", [n]) for n in FIGURES], [mark("book", BOOK)] if BOOK else []
rule images:
    output: touch(mark("images", [disk.digest(SOURCES)[:8]]))
    params: code="import sys; from isoaux.training import data; [data.load(source) for source in sys.argv[1:]]"
    shell: "{sys.executable:q} -c {params.code:q} {SOURCES:q}"
rule train:  # all networks of a shape; a spent budget fails the job; the next try (`retries` in profiles/) goes on
    input: ancient(rules.images.output)
    output: touch(mark("train/{shape}", ["{figures}"]))
    threads: 2
    resources: gpu=int(SETTINGS.device != "cpu"), runtime=int(options.seconds(BUDGET) / 60) + 10
    params: figures=lambda wildcards: wildcards.figures.split("-")
    shell: "{RUN} train {params.figures} --shape {wildcards.shape} {OPTIONS} --device {SETTINGS.device}"
           " --jobs {threads} --budget {BUDGET} --require-finished"
rule figure:
    input: trained, before
    output: touch(mark("figure", ["{figure}"]))
    threads: 2
    shell: "{RUN} publish {wildcards.figure} {OPTIONS} --jobs {threads} --to " + shlex.quote(str(paths.data(PROFILE)))
rule book:
    input: [mark("figure", [n]) for n in BOOK]
    output: touch(mark("book", BOOK))
    shell: "{RUN} run {BOOK} {OPTIONS} --jobs 1"
