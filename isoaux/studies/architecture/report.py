"""The autoencoders layer by layer, as the model itself has them, and how they are trained (App. E, Fig. 37)."""

from dataclasses import replace

from isoaux.common.tables import Table, Text
from isoaux.paper import DATASET_TITLES, DATASETS, GROUPS, TITLES, Configuration, Figure, Profile, configurations
from isoaux.paper.architecture import of
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
    symmetry = f"{TITLES[configuration.activation]}, {GROUPS[configuration.activation]}"
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
    return "Diagram of the autoencoder"
