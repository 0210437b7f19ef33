#!/usr/bin/python3
"""Makes tests/golden/measure/*.json: figures from scikit-learn, SciPy and mpmath, and from
definitions written out naively, for the tests of src/measure. Run from the root of the tree; the
result depends on nothing but this file and the versions of those packages (scikit-learn 1.2.1,
SciPy 1.10.1, mpmath 1.2.1). Needed only when a figure is added."""
import json
import math
import pathlib

import mpmath
import numpy as np
import scipy.ndimage
import scipy.stats
import sklearn.metrics

OUT = pathlib.Path("tests/golden/measure")
RNG = np.random.default_rng(20240229)


def write(name, value):
    (OUT / name).write_text(json.dumps(value) + "\n")


def delong(scores, truth, confidence):
    """Placement values pair by pair, as the definition has them."""
    x, y = scores[truth == 1][:, None], scores[truth == 0][None, :]
    psi = (x > y) + 0.5 * (x == y)
    auroc, m, n = psi.mean(), x.size, y.size
    var = psi.mean(axis=1).var(ddof=1) / m + psi.mean(axis=0).var(ddof=1) / n
    z = scipy.stats.norm.ppf((1 + confidence) / 2)
    centre, reach = math.log(auroc / (1 - auroc)), z * math.sqrt(var) / (auroc * (1 - auroc))
    return [1 / (1 + math.exp(-(centre + side * reach))) for side in (-1, 1)]


def ranking():
    cases = []
    for n, share, digits in ((40, 0.5, 1), (200, 0.1, 2), (300, 0.7, 15), (25, 0.2, 0)):
        truth = (RNG.random(n) < share).astype(int)
        truth[:4] = 0, 1, 0, 1
        scores = np.round(RNG.normal(truth * 1.2, 1), digits) + 0.0
        fpr, tpr, at = sklearn.metrics.roc_curve(truth, scores, drop_intermediate=False)
        cases.append({
            "scores": scores.tolist(), "truth": truth.tolist(), "confidence": 0.9,
            "auroc": sklearn.metrics.roc_auc_score(truth, scores),
            "interval": delong(scores, truth, 0.9),
            "ap": sklearn.metrics.average_precision_score(truth, scores),
            "fpr": fpr.tolist(), "tpr": tpr.tolist(), "at": at[1:].tolist(),
        })
    write("ranking.json", cases)


def au_pro(maps, masks, limit=0.3):
    """Every distinct score is a threshold; overlap per region and false positives counted anew."""
    regions, good = [], np.concatenate([m[k == 0] for m, k in zip(maps, masks)])
    for one, mask in zip(maps, masks):
        labels, n = scipy.ndimage.label(mask, structure=np.ones((3, 3)))
        regions += [one[labels == i] for i in range(1, n + 1)]
    points = [(0.0, 0.0)]
    for t in sorted(set(np.concatenate([m.ravel() for m in maps]).tolist()), reverse=True):
        points.append(((good >= t).mean(), np.mean([(r >= t).mean() for r in regions])))
    fpr, pro = np.array(points).T
    end = np.interp(limit, fpr, pro)
    inside = fpr < limit
    return np.trapz(np.append(pro[inside], end), np.append(fpr[inside], limit)) / limit


def pixels():
    """Maps of whole numbers 0..255, so that bins and ties are the same everywhere."""
    maps, masks = [], []
    for h, w in ((24, 32), (17, 23), (30, 20)):
        mask = (scipy.ndimage.gaussian_filter(RNG.normal(size=(h, w)), 1.5) > 0.22).astype(int)
        noise = scipy.ndimage.gaussian_filter(RNG.normal(size=(h, w)), 1) * 120
        maps.append(np.clip(np.round(110 + noise + 35 * mask), 0, 255))
        masks.append(mask)
    masks[2][:] = 0
    flat, truth = np.concatenate([m.ravel() for m in maps]), np.concatenate([m.ravel() for m in masks])
    labels = [scipy.ndimage.label(m, structure=np.ones((3, 3))) for m in masks]
    write("pixels.json", {
        "pictures": [{"h": m.shape[0], "w": m.shape[1], "map": m.astype(int).ravel().tolist(),
                      "mask": k.ravel().tolist(), "labels": lab.ravel().tolist(), "n_regions": n}
                     for m, k, (lab, n) in zip(maps, masks, labels)],
        "auroc": sklearn.metrics.roc_auc_score(truth, flat), "au_pro": au_pro(maps, masks)})


def beta_cdf(a, b, x):
    """x^a (1-x)^b / (a B(a,b)) * sum of (a+b)_k / (a+1)_k x^k, positive terms only, 50 digits."""
    a, b, x = mpmath.mpf(a), mpmath.mpf(b), mpmath.mpf(x)
    if x > a / (a + b):
        return 1 - beta_cdf(b, a, 1 - x)
    total, term, k = mpmath.mpf(0), mpmath.mpf(1), 0
    while term > total * mpmath.mpf(10) ** -45:
        total += term
        term *= (a + b + k) / (a + 1 + k) * x
        k += 1
    log_beta = mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b)
    return mpmath.exp(a * mpmath.log(x) + b * mpmath.log(1 - x) - log_beta) / a * total


def shares():
    mpmath.mp.dps = 50
    cdf = []
    for a, b in ((0.5, 0.5), (1, 1), (2, 3), (0.01, 5), (50, 0.3), (299, 1), (3, 297), (15.5, 16.5),
                 (1000, 20), (12345, 54321), (1e6, 1e6), (2e5, 3)):
        mean, sd = a / (a + b), math.sqrt(a * b / (a + b + 1)) / (a + b)
        for x in (mean, mean - 3 * sd, mean + 3 * sd, mean - 12 * sd, mean / 1e3, mean / 2):
            if not 0 < x < 1:
                continue
            p = beta_cdf(a, b, x)
            if 1e-250 < p < 1 - mpmath.mpf(10) ** -14:
                cdf.append([a, b, x, float(p)])
    normal = [[p, float(mpmath.findroot(lambda x, p=p: mpmath.log(mpmath.ncdf(x)) - mpmath.log(mpmath.mpf(p)),
                                        scipy.stats.norm.ppf(p)))]
              for p in (1e-300, 1e-100, 1e-15, 1e-6, 0.025, 0.3, 0.5 - 1e-9, 0.7, 0.975, 0.999999)]
    intervals = []
    for k, n, c in ((0, 1, 0.95), (0, 60, 0.95), (60, 60, 0.95), (1, 300, 0.9), (13, 40, 0.95),
                    (5000, 100000, 0.99), (999999, 1000000, 0.95)):
        low = scipy.stats.beta.ppf((1 - c) / 2, k, n - k + 1) if k else 0.0
        high = scipy.stats.beta.isf((1 - c) / 2, k + 1, n - k) if k < n else 1.0
        intervals.append([k, n, c, low, high])
    write("shares.json", {"beta_cdf": cdf, "normal_quantile": normal, "intervals": intervals})


def numbers():
    truth = RNG.gamma(2, 10, 150)
    answer = truth + RNG.standard_t(4, 150) * 3
    errors = (answer - truth) ** 2
    draws = np.sqrt(RNG.choice(errors, (20000, 150)).mean(axis=1))
    write("regression.json", {
        "truth": truth.tolist(), "answer": answer.tolist(),
        "rmse": math.sqrt(sklearn.metrics.mean_squared_error(truth, answer)),
        "mae": sklearn.metrics.mean_absolute_error(truth, answer),
        "r2": sklearn.metrics.r2_score(truth, answer),
        "interval": np.quantile(draws, [0.025, 0.975]).tolist(),
        "quantiles": [[q, float(np.quantile(truth, q))] for q in (0, 0.1, 0.37, 0.5, 0.999, 1)]})


def classes():
    cases = []
    for n, k in ((200, 3), (60, 2), (90, 6)):
        truth = RNG.integers(0, k - (k == 6), n)
        p = RNG.dirichlet(np.ones(k), n) + 0.9 * np.eye(k)[truth] * RNG.random((n, 1))
        p /= p.sum(axis=1, keepdims=True)
        said, top = p.argmax(axis=1), p.max(axis=1)
        ece = 0.0
        for i in range(15):
            inside = (top > i / 15) & (top <= (i + 1) / 15)
            if inside.any():
                ece += inside.mean() * abs((said == truth)[inside].mean() - top[inside].mean())
        right = int((said == truth).sum())
        cases.append({
            "n_classes": k, "truth": truth.tolist(), "p": p.ravel().tolist(),
            "accuracy": sklearn.metrics.accuracy_score(truth, said),
            "log_loss": sklearn.metrics.log_loss(truth, p, labels=list(range(k))),
            "f1_macro": sklearn.metrics.f1_score(truth, said, average="macro"), "ece": ece,
            "interval": [scipy.stats.beta.ppf(0.025, right, n - right + 1),
                         scipy.stats.beta.isf(0.025, right + 1, n - right)],
            "confusion": sklearn.metrics.confusion_matrix(truth, said, labels=list(range(k))).ravel().tolist()})
    write("classification.json", cases)


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for make in (ranking, pixels, shares, numbers, classes):
        make()
