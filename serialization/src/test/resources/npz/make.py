"""Makes arrays.npz and object.npz. Usage: python make.py (numpy 2)."""
import numpy as np

a = np.arange(24).reshape(2, 3, 4)
arrays = {
    "fortran": np.asfortranarray(a.astype("f4")),
    "big": a.astype(">i2"),
    "big_fortran": np.asfortranarray(a.astype(">f8")),
    "bool": a % 3 == 0,
    "half": (a / 7).astype("f2"),
    "u64": np.array([2**64 - 1, 0], dtype="u8"),
    "scalar": np.array(2.5),
    "empty": np.zeros((0, 3), dtype="f4"),
    "unicode": np.array([["äß", ""], ["\U0001F600x", "abc"]]),
    "big_unicode": np.array(["äß", "x"]).astype(">U3"),
    "bytes": np.array([b"one", b"", b"\xc3\xa4"]),
}
np.savez_compressed("arrays.npz", **arrays)
np.savez("object.npz", o=np.array([{"a": 1}, None], dtype=object))
