"""What figures, splits and baselines mean, each with the source of its definition."""

from __future__ import annotations

MEASURES: dict[str, tuple[str, tuple[str, ...]]] = {
    "RMSE": (
        "Root of the mean squared error of predictions as they are shown, clipped where the model "
        "clips: sqrt(mean (r_hat − r)²), in the units of the ratings (Herlocker, Konstan, Terveen, "
        "Riedl 2004, ACM TOIS 22; as scikit-learn's root_mean_squared_error).",
        ("MAE", "standard error", "baseline")),
    "MAE": (
        "Mean absolute error of predictions as they are shown: mean |r_hat − r|, in the units of "
        "the ratings (Herlocker, Konstan, Terveen, Riedl 2004, ACM TOIS 22; as scikit-learn's "
        "mean_absolute_error).",
        ("RMSE", "standard error")),
    "NDCG": (
        "How well a list is ordered: a relevant item in place k gains 1 / log2(k + 1); the sum "
        "over the first N places, divided by the largest that it can be, 0 to 1 (Järvelin, "
        "Kekäläinen 2002, ACM TOIS 20, with gains of 0 and 1; as scikit-learn's ndcg_score, and "
        "LensKit's NDCG with LogRankWeight(offset=1)). On the curve it is at 10, of at most 2,000 "
        "users.",
        ("relevant", "MAP", "precision", "standard error")),
    "precision": (
        "The share of the first N of a list that is relevant: hits / N (Herlocker, Konstan, "
        "Terveen, Riedl 2004, ACM TOIS 22). LensKit divides a list that ends early by its length.",
        ("recall", "relevant", "NDCG")),
    "recall": (
        "The share of a user's relevant test items that is among the first N of the list: hits / "
        "number of relevant (Herlocker, Konstan, Terveen, Riedl 2004, ACM TOIS 22). LensKit "
        "divides by at most N.",
        ("precision", "relevant", "NDCG")),
    "MAP": (
        "Mean average precision: for each relevant item in place k of the first N, the share of "
        "relevant ones among the first k; their sum, divided by the most hits there can be, min(N, "
        "number of relevant), and the mean over users (as LensKit's AveragePrecision; with N of "
        "all items scikit-learn's average_precision_score).",
        ("NDCG", "relevant")),
    "hit rate": (
        "The share of users with at least one relevant item among the first N of their list "
        "(Deshpande, Karypis 2004, ACM TOIS 22; as LensKit's Hit).",
        ("recall", "relevant")),
    "coverage": (
        "The share of all candidates that stands among the first N of at least one user's list "
        "(Ge, Delgado-Battenfeld, Jannach 2010, RecSys). A wide choice is not yet a good one.",
        ("hit rate", "candidates")),
    "relevant": (
        "What a list is to find: a user's test ratings from a threshold on, three quarters up the "
        "scale unless another is set (4 of 1 to 5); where preferences are predicted, whatever is "
        "above 0. Users without any are counted and left out.",
        ("candidates", "NDCG")),
    "candidates": (
        "What a list is made of: all items with a training rating, less what the user has in "
        "training. A relevant item that has no training rating cannot be found, and counts as not "
        "found.",
        ("relevant", "top list")),
    "standard error": (
        "How far chance moves a figure, users taken as drawn at random: of means s / sqrt(n) over "
        "users; of RMSE and MAE, whose ratings come in users, by the ratio's linearization "
        "(Cochran 1977, Sampling Techniques, chapter 6) and for the root by the delta method; of "
        "coverage by the jackknife. Beside cross-validation stands the standard deviation over the "
        "folds instead: their training parts overlap (Bengio, Grandvalet 2004, JMLR 5).",
        ("RMSE", "NDCG", "cross-validation")),
    "split": (
        "Which ratings are held out: a random share of all; a share, or a number, of each user's; "
        "the latest share of all or of each user's, where ratings have a time. Of equal times "
        "those that stand later count as later; without a time, as the oldest. Per user everybody "
        "keeps one to train on: who has too few has none held out.",
        ("validation", "seed")),
    "cross-validation": (
        "The ratings are dealt into folds; for each, a model is trained on all others and measured "
        "on it, so that every rating is measured once by a model that never saw it. What early "
        "stopping needs is held out of the other folds.",
        ("standard error", "split", "baseline")),
    "baseline": (
        "What the simplest models reach on the same ratings: always the mean; each user's mean; "
        "each item's mean; mean, user and item bias; for lists the most popular items. A model "
        "that is no better has learned nothing more.",
        ("RMSE", "NDCG")),
}
