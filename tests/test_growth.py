import pytest

from sa2va_nb.analysis.truth.growth import bit, disk, square


def drawn(pixels, reach):
    return sum(1 << bit(pixel, reach) for pixel in pixels)


def around(reach):
    return [(x, y) for x in range(-reach, reach + 1) for y in range(-reach, reach + 1)]


@pytest.mark.parametrize("radius", range(1, 61))
def test_a_disk_has_each_pixel_within_its_radius_and_no_other(radius):
    expected = drawn([(x, y) for x, y in around(radius) if x * x + y * y <= radius * radius], radius)

    assert disk(radius).shape(radius) == expected


@pytest.mark.parametrize("reach", range(10))
def test_a_square_has_each_pixel_within_its_reach_and_no_other(reach):
    assert square(reach).shape(reach) == drawn(around(reach), reach)


@pytest.mark.parametrize(("radius", "steps"), [(8, 11), (18, 24), (36, 42)])
def test_disks_of_videos_take_few_steps(radius, steps):
    assert disk(radius).cost == steps
