"""Makes the HDF5 files beside it. Usage: python make.py (h5py 3, numpy 2)."""
import h5py
import numpy as np

K = np.arange(60, dtype="f4").reshape(5, 12)


def fill(f):
    f.attrs["text"] = "Grüße"
    f.attrs["bytes"] = b"bytes"
    f.attrs["names"] = [b"one", b"", b"three"]
    f.attrs["fixed"] = np.array([b"one", b"three"])
    f.attrs["none"] = []
    f.attrs["number"] = 7
    f["g/sub/contiguous"] = K
    f["g/big_endian"] = K.astype(">f8")
    f["g/scalar"] = np.int64(-3)
    f["g/empty"] = np.zeros((0, 3), "f4")
    f["g/bool"] = K % 2 == 0
    f["g/half"] = K.astype("f2")
    d = f.create_dataset("g/bfloat16", data=np.array([0x3F80, 0xC000], "<u2").view("V2"))
    d.attrs["dtype"] = "bfloat16"
    f["g/strings"] = np.array(["a", "bc"], dtype=object)
    f["g/complex"] = np.array([1 + 2j])
    f["g/opaque"] = np.zeros(2, "V3")
    f.create_dataset("g/gzip", data=K, chunks=(2, 5), compression="gzip", shuffle=True, fletcher32=True)
    f.create_dataset("g/lzf", data=np.zeros((40, 40), "i4") + 5, chunks=(16, 16), compression="lzf")
    f.create_dataset("g/plain_chunks", data=K, chunks=(3, 4))
    f.create_dataset("g/one_chunk", data=K, chunks=(5, 12), compression="gzip")
    f.create_dataset("g/growing", data=K, chunks=(2, 12), maxshape=(None, 12))
    f.create_dataset("g/growing2", data=K, chunks=(2, 5), maxshape=(None, None))
    n = np.arange(3000, dtype="i2")
    f.create_dataset("g/long", data=n, chunks=(5,), maxshape=(None,))
    f.create_dataset("g/long_gzip", data=n, chunks=(7,), maxshape=(None,), compression="gzip")
    f.create_dataset("g/long_second", data=n.reshape(3, 1000), chunks=(2, 9), maxshape=(5, None))
    f.create_dataset("g/roomy", data=n.reshape(30, 100), chunks=(4, 7), maxshape=(64, 200))
    f.create_dataset("g/never", shape=(3, 2), dtype="f4", fillvalue=2.5)
    p = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    p.set_layout(h5py.h5d.COMPACT)
    h5py.h5d.create(f["g"].id, b"compact", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((2,)), p).write(
        h5py.h5s.ALL, h5py.h5s.ALL, np.array([1, 2], "f4"))
    for i in range(40):
        f["dense/n%02d" % i] = np.int32(i)
    for i in range(12):
        f["dense"].attrs["a%02d" % i] = "value %d" % i
    f["alias"] = f["g/sub"]
    f["soft"] = h5py.SoftLink("/g")
    f["external"] = h5py.ExternalLink("other.h5", "/x")
    f.create_dataset("outside", shape=(2,), dtype="f4", external=[("/etc/hostname", 0, 8)])
    layout = h5py.VirtualLayout((5, 12), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "k", (5, 12))
    f.create_virtual_dataset("virtual", layout)
    f.create_dataset("giant", shape=(1 << 15, 1 << 15), dtype="f4", chunks=(64, 64))


with h5py.File("old.h5", "w") as f:
    fill(f)
with h5py.File("latest.h5", "w", libver="latest") as f:
    fill(f)
with h5py.File("user_block.h5", "w", userblock_size=512) as f:
    f["k"] = K
with h5py.File("cycle.h5", "w") as f:
    f["a/b/k"] = K
    f["a/b/up"] = f["a"]
