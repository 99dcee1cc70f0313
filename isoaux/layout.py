"""Names and shapes of an autoencoder's parameters (App. E), for where torch is not installed."""


def shapes(d: int, n: int, depth: int) -> dict[str, tuple[int, ...]]:
    """Names and shapes of an autoencoder's parameters, in the layout of ``nn.Linear``.

    Affine d to n (latent 0), ``depth`` blocks of activation and affine n to n (latents 1..L), activation,
    affine n to d; biases everywhere, no output activation (App. E, Fig. 37).
    """
    out: dict[str, tuple[int, ...]] = {"encoder.weight": (n, d), "encoder.bias": (n,)}
    for k in range(depth):
        out |= {f"hidden.{k}.weight": (n, n), f"hidden.{k}.bias": (n,)}
    return out | {"decoder.weight": (d, n), "decoder.bias": (d,)}
