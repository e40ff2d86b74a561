"""Writes config_keys.txt: the keys that Keras writes for each layer, in order. Needs Keras 3.15.1."""
import inspect, os, sys
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
from keras import layers as L

D = dict(units=2, filters=2, kernel_size=2, rate=0.5, stddev=0.5, input_dim=5, output_dim=2, activation="relu", n=2, axes=1,
         dims=(2, 1), target_shape=(2, 3), pool_size=2, output_size=2, scale=0.5, num_heads=2, key_dim=3, head_dim=3,
         num_query_heads=4, num_key_value_heads=2, equation="ab,bc->ac", output_shape=3, factor=0.1, height=3, width=3,
         height_factor=0.1, width_factor=0.1, num_tokens=4, num_bins=4, max_number=3)
with open(sys.argv[1], "w") as f:
    for n in sorted(dir(L)):
        c = getattr(L, n)
        if not (isinstance(c, type) and issubclass(c, L.Layer)) or n != keras.saving.get_registered_name(c).split(">")[-1] and n != "GroupQueryAttention":
            continue
        req = [p.name for p in inspect.signature(c.__init__).parameters.values()
               if p.default is p.empty and p.kind == p.POSITIONAL_OR_KEYWORD and p.name != "self"]
        k = {r: D[r] for r in req if r in D}
        if n in ("TimeDistributed", "SpectralNormalization"): k["layer"] = L.Dense(2)
        if n == "Bidirectional": k["layer"] = L.LSTM(2)
        if n == "RNN": k["cell"] = L.LSTMCell(2)
        if n == "StackedRNNCells": k["cells"] = [L.LSTMCell(2)]
        if n == "InputLayer": k["shape"] = (3,)
        try:
            f.write(n + ": " + " ".join(c(**k).get_config()) + "\n")
        except Exception as e:
            print("left out", n, str(e)[:80])
