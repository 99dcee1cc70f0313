"""The autoencoders layer by layer, as the model itself has them, and how they are trained (App. E, Fig. 37)."""

from collections.abc import Sequence, Set
from dataclasses import replace

from isoaux.common.numbers import counted, low_to_high
from isoaux.common.tables import Table, Text, listed
from isoaux.paper import (
    DATASET_TITLES,
    DATASETS,
    TITLES,
    TITLES_ON_BASES,
    Configuration,
    Figure,
    Profile,
    configurations,
    figures,
)
from isoaux.paper.architecture import of
from isoaux.records.reports import opening
from isoaux.settings import DEFAULT, Settings

ALWAYS = (
    ("optimiser", "stochastic gradient descent with momentum"),
    ("loss", "squared error, mean over the batch and the elements"),
    ("initial weights", "Xavier-normal with gain 1: variance 2 / (inputs + outputs)"),
    ("initial biases", "0"),
)
"""What is the same in every profile: the engine's one step and the model's one start."""


def with_settings(configuration: Configuration, settings: Settings) -> tuple[Configuration, Profile]:
    """A configuration with the depth and the images of the settings, and their profile with seeds, dtype and images.

    Images that the paper does not have are those of the profile alone: the configuration stays one of the paper's.
    """
    short = {source: name for name, source in DATASETS.items()}
    network = replace(configuration, dataset=short.get(settings.dataset, configuration.dataset))
    if not isinstance(settings.depth, str):
        network = replace(network, L=settings.depth)
    images = settings.size.dataset if settings.dataset == DEFAULT else settings.dataset
    return network, replace(settings.size, seeds=settings.seeds_for(), dtype=settings.dtype_for(), dataset=images)


def parameters(configuration: Configuration) -> Table:
    """A row per layer of a network: what it maps, from where to where, its weights and biases, and what is measured."""
    layers = of(configuration)
    symmetry = f"{(TITLES | TITLES_ON_BASES)[configuration.activation]}, {configuration.group}"
    rows = [
        (
            layer.name,
            layer.kind if layer.kind == "affine" else symmetry,
            f"{layer.inputs:,}",
            f"{layer.outputs:,}",
            *(f"{count:,}" if layer.parameters else "" for count in (layer.weights, layer.biases, layer.parameters)),
            "" if layer.latent is None else f"k = {layer.latent}",
        )
        for layer in layers
    ]
    sums = (sum(getattr(layer, name) for layer in layers) for name in ("weights", "biases", "parameters"))
    rows.append(("all", "", f"{layers[0].inputs:,}", f"{layers[-1].outputs:,}", *(f"{s:,}" for s in sums), ""))
    return Table(("layer", "map", "from", "to", "weights", "biases", "parameters", "latent layer"), tuple(rows))


def in_short(configuration: Configuration) -> Text:
    """What differs between two compared networks, and where a network's parameters are, in two sentences."""
    return opening(
        "Two compared networks have the same maps, initial weights and order of images; only the functions at their "
        "activations differ, and these have no parameters.",
        summary(configuration).words,
    )


def summary(configuration: Configuration) -> Text:
    """Where a network's parameters are, in two sentences made from the model."""
    layers = of(configuration)
    total = sum(layer.parameters for layer in layers)
    ends = layers[0].parameters + layers[-1].parameters
    hidden = [layer.parameters for layer in layers[1:-1] if layer.kind == "affine"]
    rest = "there is no hidden map"
    if hidden:
        each = f"each of the {len(hidden)} hidden maps" if len(hidden) > 1 else "the hidden map"
        rest = f"{each} has {hidden[0]:,}"
    return Text(
        f"Of {total:,} parameters, {100 * ends / total:.1f}% are in the encoder's and the decoder's maps; {rest}. "
        f"The {len(hidden) + 1} activation{'s' * bool(hidden)} between them have none."
    )


def sizes() -> Table:
    """The number of parameters of all of the paper's networks: a row per data set and width n, a column per depth L."""
    counts = {(c.dataset, c.n, c.L): sum(layer.parameters for layer in of(c)) for c in configurations()}
    depths = sorted({depth for _, _, depth in counts})
    rows = []
    for dataset, n in sorted({(dataset, n) for dataset, n, _ in counts}):
        cells = (counts.get((dataset, n, depth)) for depth in depths)
        rows.append((DATASET_TITLES[dataset], str(n), *("" if cell is None else f"{cell:,}" for cell in cells)))
    return Table(("images", "n", *(f"L = {depth}" for depth in depths)), tuple(rows))


def recipe(profile: Profile) -> Table:
    """How the networks of a profile are trained: a row per fact, read from the profile (App. E; erratum E52)."""
    recipe = profile.recipe
    epochs = ", ".join(map(str, recipe.checkpoints))
    rows = (
        ("images", profile.dataset or f"{' or '.join(DATASET_TITLES.values())}, as the figure has them"),
        ("seeds", ", ".join(map(str, profile.seeds))),
        ("epochs", f"{recipe.epochs}"),
        ("images in a batch", f"{recipe.batch_size}"),
        ALWAYS[0],
        ("learning rate", f"{recipe.learning_rate:g}"),
        ("momentum", f"{recipe.momentum:g}"),
        *ALWAYS[1:],
        ("arithmetic", profile.dtype),
        ("looked at", f"{len(recipe.checkpoints)} times, after epochs {epochs}"),
    )
    return Table(("what", profile.name), rows)


def words(figure: Figure) -> str:
    """What a figure of the catalogue shows, in one line."""
    return str(figure.entry.get("caption", "Diagram of the autoencoder"))


def spotlight_networks() -> tuple[Configuration, ...]:
    """The networks of the figures on the Spotlight Resonance Method, and those whose diagrams are drawn, each once."""
    shown = [figure for figure in figures().values() if str(figure.number).startswith("S")]
    drawn = [Configuration.parse(name) for figure in shown for name in figure.entry.get("drawn", ())]
    return tuple(dict.fromkeys([*drawn, *(each for figure in shown for each in figure.configurations)]))


def spotlight_in_short(networks: Sequence[Configuration]) -> Text:
    """How the networks of the Spotlight Resonance Method are built, counted, in three sentences."""
    small, large = ([each for each in networks if bool(each.hidden) == hidden] for hidden in (False, True))
    counts = [{before_latent(each) for each in group} for group in (small, large)]
    ends = [low_to_high([_total(each) for each in group], "{:,.0f}") for group in (small, large)]
    widths = listed(sorted({"×".join(map(str, each.hidden)) for each in large}, key=int))
    return opening(
        f"Between the pixels and the latent layer the {len(small)} small networks have {_activations(counts[0])}, the "
        f"{len(large)} large ones {_activations(counts[1])}.",
        "In both kinds the latent layer is the output of an affine map, an activation follows it, and none stands at "
        "the output.",
        f"The small ones have {ends[0]} parameters, the large ones {ends[1]} with hidden widths of {widths}, which no "
        "text of the paper states.",
    )


def _activations(counts: Set[int]) -> str:
    words = {0: "no activation", 1: "one activation"}
    return listed([words.get(count, counted(count, "activation")) for count in sorted(counts)])


def before_latent(configuration: Configuration) -> int:
    """The number of activations before the first latent layer."""
    layers = of(configuration)
    end = next(i for i, layer in enumerate(layers) if layer.latent is not None)
    return sum(layer.kind == "activation" for layer in layers[:end])


def _total(configuration: Configuration) -> int:
    return sum(layer.parameters for layer in of(configuration))


def spotlight_sizes(networks: Sequence[Configuration]) -> Table:
    """A row per network of the Spotlight Resonance Method: its widths, its latent layer, its bases, its parameters."""
    shown = {name: each for name, each in figures().items() if str(each.number).startswith("S")}
    rows = []
    for each in networks:
        layers = [layer for layer in of(each) if layer.kind == "affine"]
        widths = [layers[0].inputs, *(layer.outputs for layer in layers)]
        place = next(i for i, layer in enumerate(layers) if layer.latent is not None) + 1
        words = [f"**{width:,}**" if i == place else f"{width:,}" for i, width in enumerate(widths)]
        drawn = [f for f in shown.values() if each in f.configurations or each.id in f.entry.get("drawn", ())]
        rows.append(
            (
                ", ".join(str(figure.number) for figure in drawn),
                DATASET_TITLES[each.dataset],
                each.pixels,
                (TITLES | TITLES_ON_BASES)[each.activation],
                ", ".join(words),
                str(before_latent(each)),
                ", ".join(map(str, each.vectors_by_layer)),
                f"{_total(each):,}",
            )
        )
    head = (
        "figures",
        "images",
        "pixels",
        "activation",
        "widths",
        "before the latent",
        "vectors of the bases",
        "parameters",
    )
    return Table(head, tuple(rows))
