"""What is installed here and needed to run the package, with exact versions."""

from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement


def pinned_requirements(name: str, extras: frozenset[str]) -> tuple[list[str], list[str]]:
    """Follow a package's requirements, by the metadata of what is installed.

    Args:
        name: the package.
        extras: those of its extras that are wanted.

    Returns:
        ``name==version`` of it and all that it needs on this kind of machine and Python, sorted; and what isn't
        installed, as it is asked for.
    """
    found: dict[str, str] = {}
    missing: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting = [Requirement(f"{name}[{','.join(sorted(extras))}]" if extras else name)]
    while waiting:
        wanted = waiting.pop()
        try:
            dist = distribution(wanted.name)
        except PackageNotFoundError:
            missing.add(str(wanted).partition(";")[0].strip())
            continue
        found[dist.metadata["Name"].lower().replace("_", "-")] = dist.version
        for extra in {"", *wanted.extras}:
            if (dist.metadata["Name"], extra) not in seen:
                seen.add((dist.metadata["Name"], extra))
                needs = map(Requirement, dist.requires or ())
                waiting += [need for need in needs if _applies(need, extra)]
    return sorted(f"{each}=={version}" for each, version in found.items()), sorted(missing)


def _applies(need: Requirement, extra: str) -> bool:
    return need.marker is None or need.marker.evaluate({"extra": extra})
