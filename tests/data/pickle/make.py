"""Makes the pickles in this folder: python3 make.py (Python 3.11, NumPy 2)."""
import collections, io, pickle, sys, types
import numpy as np

tree = {
    "layer": {"kernel": np.arange(24, dtype="<f4").reshape(2, 3, 4), "bias": np.array([0.5, -1.25], dtype="<f4")},
    "fortran": np.asfortranarray(np.arange(6, dtype="<i8").reshape(2, 3)),
    "bytes": np.array([1, 2, 255], dtype="u1"),
    "flags": np.array([True, False]),
    "half": np.array([1.5], dtype="<f2"),
    "empty": np.zeros((0, 3), dtype="<f8"),
    "scalar": np.array(7, dtype="<i4"),
    "big_endian": np.array([1], dtype=">f4"),
    "objects": [None, True, -1, 70000, 1 << 40, -(1 << 40), 0.1, "text \u00e4", b"raw", (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], {}],
}
for protocol in (2, 3, 4):
    with open(f"arrays_protocol{protocol}.pkl", "wb") as out:
        pickle.dump(tree, out, protocol)
del tree["big_endian"], tree["objects"]
old = pickle.dumps(tree, 3).replace(b"numpy._core", b"numpy.core")  # as NumPy 1 wrote it
open("arrays_numpy1.pkl", "wb").write(old)

# The index of a torch archive (data.pkl), with stand-ins for torch's names.
torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
class FloatStorage: pass
FloatStorage.__module__ = "torch"
def _rebuild_tensor_v2(): pass
_rebuild_tensor_v2.__module__ = "torch._utils"
torch.FloatStorage, utils._rebuild_tensor_v2 = FloatStorage, _rebuild_tensor_v2
sys.modules |= {"torch": torch, "torch._utils": utils}
class Storage:
    def __init__(self, key, size): self.key, self.size = key, size
class Tensor:
    def __init__(self, storage, shape): self.storage, self.shape = storage, shape
    def __reduce_ex__(self, protocol):
        strides, n = [], 1
        for extent in reversed(self.shape): strides.insert(0, n); n *= extent
        return _rebuild_tensor_v2, (self.storage, 0, self.shape, tuple(strides), False, collections.OrderedDict())
class Pickler(pickle.Pickler):
    def persistent_id(self, value):
        return ("storage", FloatStorage, value.key, "cpu", value.size) if isinstance(value, Storage) else None
state = collections.OrderedDict(weight=Tensor(Storage("0", 6), (2, 3)), bias=Tensor(Storage("1", 2), (2,)))
state._metadata = {"version": 1}
Pickler(open("torch_index.pkl", "wb"), 2).dump(state)
