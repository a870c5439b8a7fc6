import numpy as np

from sa2va_nb.analysis.means import divide, mean_known


def test_what_is_unknown_counts_for_nothing():
    values = np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.nan]])

    assert np.array_equal(mean_known(values, axis=0), [2, 5, np.nan], equal_nan=True)
    assert np.array_equal(mean_known(values, axis=1), [1, 4])
    assert mean_known(values, axis=(0, 1)) == 3
    assert np.isnan(mean_known(np.empty(0), axis=0))


def test_a_share_of_nothing_is_what_is_asked_for():
    assert np.array_equal(divide(np.array([1, 0]), np.array([4, 0])), [0.25, np.nan], equal_nan=True)
    assert divide(np.array([0]), np.array([0]), empty=1) == [1]
