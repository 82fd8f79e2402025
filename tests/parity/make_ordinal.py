"""Writes ordinal.safetensors: statsmodels' OrderedModel with distr "logit" on small data. Run it in this folder:
    python3 make_ordinal.py
Made with statsmodels 0.15.0, SciPy 1.17.1 and NumPy 2.4.6.
- x [N, 3], y [N]: the data, classes from 0;
- given [6]: slopes and OrderedModel's threshold parameters; loglike [1] and score [6] (its gradient) there;
- fitted [6], fitted_loglike [1]: where the likelihood is highest, by BFGS and then Newton."""
import numpy as np
from statsmodels.miscmodels.ordinal_model import OrderedModel

from common import numbers, save

N, D, CLASSES = 80, 3, 4


def main():
    x = numbers(31, N * D).reshape(N, D).astype(float)
    uniform = (numbers(32, N).astype(float) + 1) / 2
    latent = x @ [1.5, -0.8, 0.4] + np.log((uniform + 1e-3) / (1.001 - uniform))
    y = np.digitize(latent, [-1.2, 0.1, 1.6])
    assert set(y) == set(range(CLASSES))
    model = OrderedModel(y, x, distr="logit")
    given = np.array([0.7, -0.3, 0.2, -0.9, 0.1, 0.4], np.float32).astype(float)
    start = model.fit(method="bfgs", disp=False, gtol=1e-8).params
    fitted = model.fit(method="newton", start_params=start, disp=False, tol=1e-12).params
    assert np.abs(model.score(fitted)).max() < 1e-6
    save("ordinal.safetensors", {"x": x, "y": y, "given": given, "loglike": [model.loglike(given)], "score": model.score(given),
                                 "fitted": fitted, "fitted_loglike": [model.loglike(fitted)]})


main()
