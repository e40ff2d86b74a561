"""Writes keras2-attentions.h5 with fusionlab-learn 0.3.1 on Keras 2.15, and prints what it predicts."""
import numpy as np
import tensorflow as tf
from fusionlab.nn.components import CrossAttention, HierarchicalAttention, MemoryAugmentedAttention

a, b, c = tf.keras.Input((3, 3)), tf.keras.Input((4, 2)), tf.keras.Input((3, 4))
inner = tf.keras.Model(c, MemoryAugmentedAttention(units=4, memory_size=3, num_heads=5)(c), name="inner")
x = CrossAttention(units=6, num_heads=3)([a, b])
model = tf.keras.Model([a, b], inner(HierarchicalAttention(units=4, num_heads=2)([x, x])))
random = np.random.default_rng(0)
model.set_weights([random.normal(scale=0.4, size=w.shape) for w in model.get_weights()])
model.save("keras2-attentions.h5", include_optimizer=False)
left = np.linspace(-1, 1, 9, dtype="float32").reshape(1, 3, 3)
right = np.linspace(-2, 2, 8, dtype="float32").reshape(1, 4, 2)
print(model.predict([left, right], verbose=0).ravel().tolist())
