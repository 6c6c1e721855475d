"""Has this worker been told to stop? One that has ends after the email in hand and gives the others back."""

from mmap import mmap

# Memory that the worker's processes share, as only the first of them hears of the end: made before they are forked.
_told = mmap(-1, 1)


def tell() -> None:
    """Tell every process of this worker that it is to stop."""
    _told[0] = 1


def is_stopping() -> bool:
    """Return whether the worker that this process belongs to was told to stop; never outside a worker."""
    return _told[0] == 1
