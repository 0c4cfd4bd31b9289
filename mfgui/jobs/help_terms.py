"""What the words mean: one short text for each term, read in the window and in the terminal.

Definitions of figures name their source. Each entry: the term, its text, and what to see beside it.
"""

from __future__ import annotations

from mfgui.jobs.help_measures import MEASURES
from mfgui.jobs.help_runs import RUNS

TERMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "rating": (
        "A number that one user gave one item. A rating of 0 is a rating; what is missing is "
        "simply not there.", ("observed", "scale")),
    "observed": (
        "The ratings of the file. A pixel that holds many cells shows the mean of those that are "
        "rated; cells without a rating have a colour of their own.", ("predicted", "block mean")),
    "predicted": (
        "What the model says: r_hat = mean + user bias + item bias + u · v; in the plain form "
        "u · v alone. A single cell is shown clipped to the scale where the model clips, with the "
        "raw number beside it where they differ.", ("clipping", "factor", "block mean")),
    "residual": (
        "Observed minus predicted, before clipping: above 0 where the rating is higher than the "
        "model says. The E of the equations is its negative, E = R_hat − R.",
        ("predicted", "error")),
    "error": (
        "e = r_hat − r, the E of the equations, 0 where a rating is missing. The residual shown "
        "elsewhere is its negative.", ("residual", "gradient", "loss")),
    "factor": (
        "One of the F numbers that each user and each item gets. What a user's and an item's "
        "factors have in common is multiplied and added up: u · v. Signs and rotation mean "
        "nothing: turned factors predict the same.", ("predicted", "factor map")),
    "bias": (
        "How far a user's or an item's ratings lie from the mean on the whole, whatever the other "
        "side is.", ("mean", "factor")),
    "mean": (
        "The mean of the training ratings, which methods with biases begin from; nmf has an "
        "offset in its place.", ("bias", "normalisation")),
    "loss": (
        "What training makes small: 1/2 the sum of squared errors over the rated cells, and what "
        "the method adds to hold factors back; its page gives it in full. It is never clipped. "
        "The data term is the first part alone.", ("RMSE", "regularization", "error")),
    **MEASURES,
    "validation": (
        "Ratings held out by the seed and never trained on: the error on them tells how well the "
        "model does on what it has not seen.", ("refit", "patience", "test file")),
    "test file": (
        "Ratings from a file of their own that are measured only: nothing is trained or stopped "
        "on them.", ("validation",)),
    "refit": (
        "A second training on all ratings, for as many epochs as validation found best. What "
        "validation measured belongs to the factors from before it; these are kept, and Errors "
        "and comparisons measure them.", ("validation", "comparison")),
    "epoch": ("Once over all training ratings.", ("learning rate",)),
    "gradient": (
        "The direction in which the loss rises fastest. Of all ratings together dL/dU = E V and "
        "dL/dV = E^T U; of one rating −(r − r_hat) v for the user and −(r − r_hat) u for the item.",
        ("error", "learning rate", "equations")),
    "divergence": (
        "Steps too large for the ratings: the loss leaps up instead of falling. The run goes back "
        "to its last sound factors, halves the rate and goes on.", ("learning rate",)),
    "scale": (
        "The smallest and the largest rating. Colours span it unless they are stretched to what is "
        "in view or set by hand; a width of 0 counts as 1.", ("clipping", "levels")),
    "clipping": (
        "Limiting a prediction that is shown, exported or measured to the scale. Loss, residuals, "
        "means of many cells and top lists use the raw number.", ("scale", "predicted")),
    "normalisation": (
        "Most methods subtract the mean of the training ratings and divide by their standard "
        "deviation, so that the same settings serve any scale. All that is shown is in the units "
        "of the file.", ("mean", "regularization")),
    "preference": (
        "1 where a user has anything to do with an item, else 0: what implicit-als predicts from "
        "counts. Every cell has one, and how sure it is is the confidence.", ("confidence",)),
    "confidence": (
        "How much a cell weighs in implicit-als: 1 without a rating, more the larger the count "
        "(Hu, Koren, Volinsky 2008, ICDM).", ("preference",)),
    "implicit part": (
        "What svd++ adds to a user's factors for having rated an item at all, whatever the rating: "
        "the sum of the items' y over the root of their number (Koren 2008, KDD).", ("factor",)),
    "block mean": (
        "What a pixel shows that holds more than one cell. By default the mean over its rated "
        "cells, in all three matrices alike, so that like is compared with like; the predicted "
        "can be the mean over all cells instead. Means are of unclipped predictions. The legend "
        "says which one it is.", ("observed", "predicted", "levels")),
    "levels": (
        "Which values the first and the last colour stand for: the scale, what is in view, or two "
        "numbers by hand. Residuals are symmetric round 0.", ("scale", "block mean")),
    "display order": (
        "How rows and columns are sorted. An order is frozen when it is chosen, since factors "
        "change with every epoch; Sort again renews it, Alt+Left takes it back.",
        ("cluster", "principal component")),
    "cluster": (
        "Rows or columns whose factors lie close together, found by k-means; you choose how many. "
        "Lines mark the borders.", ("display order", "factor map")),
    "principal component": (
        "The direction in which the factors of users or items differ most; the second, at right "
        "angles to it, comes next.", ("display order", "factor map")),
    "margins": (
        "Strips along the matrix: for each row and column how many ratings there are and what "
        "their mean is, over the whole row or column.", ("display order",)),
    "pinned cell": (
        "The cell that was clicked, or moved to with the arrows: the inspector explains it, the "
        "equations put in its numbers. Esc lets go.", ("by parts", "equations")),
    "by parts": (
        "A prediction as a sum: mean, biases, each factor's product u_f v_f, what svd++ adds for "
        "what was rated at all, and what clipping took away. The bars add up to the number, as "
        "printed too.", ("by own ratings", "clipping")),
    "by own ratings": (
        "The user's row is solved anew from the user's ratings with everything else fixed; the "
        "prediction then is a sum of one share for each rating. The last bar says what the "
        "trained row differs by.", ("by raters", "fold-in", "remainder")),
    "by raters": ("The same for the item: one share for each user who rated it.",
                  ("by own ratings",)),
    "remainder": (
        "What the trained row predicts beyond the row solved anew: training stops before every "
        "row is at its best, and rows are older than the last change of the other side.",
        ("by own ratings",)),
    "typical error": (
        "The RMSE that held-out ratings had whose item and user have about as many ratings as "
        "this cell's.", ("validation", "RMSE")),
    "fold-in": (
        "Solving for one user's row with the items fixed, as the method's own objective says: how "
        "a new user gets predictions at once, without training. Without regularization the "
        "shortest of many solutions is taken.", ("new user", "by own ratings")),
    "new user": (
        "An imaginary row on top of the matrix. Rate some items and the row, the top list, the "
        "explanation and the point in the factor map follow at once.", ("fold-in", "what if")),
    "what if": (
        "An existing user's ratings to be changed or removed. What moves is measured against the "
        "row solved anew with nothing changed, since solving anew alone moves predictions a "
        "little.", ("new user", "remainder")),
    "top list": (
        "The items with the highest predictions for a user, rated ones left out unless asked for. "
        "Ranked by the raw prediction, for clipped ones tie; shown clipped.",
        ("lower bound", "by own ratings")),
    "lower bound": (
        "Prediction less the held-out RMSE over the root of the item's number of ratings: items "
        "with few ratings have to promise more.", ("top list", "RMSE")),
    "similar": (
        "By the cosine of the angle between factors, −1 to 1; the overlap says how many users "
        "rated both items, or how many items both users rated.", ("factor",)),
    "comparison": (
        "A second model, matched by id: A, B and A − B in the three matrices, both in the "
        "inspector, and the RMSE of both on held-out ratings that neither was trained on.",
        ("paired interval", "refit", "validation")),
    "paired interval": (
        "How surely one of two trained models is better: the RMSE of both on the same ratings, "
        "less one another, worked out again for 2,000 random draws of whole users; 95 % of the "
        "draws lie in the interval. It says nothing of the settings: two seeds of the same "
        "settings can differ surely, too. For that, train more seeds of both.",
        ("comparison", "RMSE", "seed")),
    "step by step": (
        "A copy of the factors that is changed one rating, one row or one epoch at a time, forward "
        "and back; the run's own model is never touched. Matrices and numbers follow the copy and "
        "are marked.", ("equations", "gradient")),
    "seed": ("The number that all chance comes from: the same file, settings and seed give the "
             "same bits.", ("validation", "reproducibility")),
    "model file": (
        "A .npz that NumPy alone reads: factors, biases, ids, a card with settings and figures, "
        "and the ratings, so that explanations and top lists work from the file alone; the box in "
        "the save dialog, or --no-ratings, leaves them out.", ("refit",)),
    **RUNS,
}

PANELS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "setup": ("Setup", "What is open, the method and its settings, and the buttons of a run. What "
              "is changed while training is for the next run.", ("validation", "epoch")),
    "curve": ("Curve", "Loss and RMSE as training goes on, notices as marks. Point at it to read a "
              "record, or walk along with Left and Right; the wheel zooms, dragging pans.",
              ("loss", "RMSE", "baseline")),
    "runs": ("Runs", "Every run of the project with all its settings and figures; what the runs "
             "differ in stands first. Headings sort, their menu chooses columns, the filter takes "
             "words and conditions such as n_factors>32. A row that is chosen is shown in the "
             "matrices and on the curve; Space ticks it for the curve, F2 renames, Delete deletes "
             "and Ctrl+Z brings back.", ("run", "project", "continue", "RMSE")),
    "matrices": ("Matrices", "Observed, predicted and residual, one zoom for all three. The wheel "
                 "zooms, dragging pans, a click pins a cell. With the focus on a matrix the arrows "
                 "move the pinned cell, Ctrl and an arrow by a page, Home and End to the ends of "
                 "the row, + and − zoom, Enter opens the inspector, Esc lets go of the cell, then "
                 "of all marks, Tab leaves.",
                 ("observed", "predicted", "residual", "block mean", "display order", "margins")),
    "inspector": ("Inspector", "Why the pinned cell is predicted as it is: by parts, by the user's "
                  "own ratings, by the item's raters; the bars add up to the number. Cards of the "
                  "user and the item below.",
                  ("by parts", "by own ratings", "by raters", "typical error")),
    "equations": ("Equations", "The mathematics with the pinned cell's numbers put in, and a copy "
                  "to go step by step: one rating, one row, one epoch, and back.",
                  ("gradient", "error", "loss", "step by step")),
    "recommendations": ("Recommendations", "The top list of a user, why each item is in it, and "
                        "items and users that are similar.",
                        ("top list", "lower bound", "similar")),
    "new_user": ("New user", "An imaginary row: rate items found by title and see at once what is "
                 "predicted; or change an existing user's ratings and see what moves.",
                 ("new user", "fold-in", "what if")),
    "factor_map": ("Factor map", "Users or items as points by two factors or two principal "
                   "components; signs and rotation mean nothing. Select some and their rows or "
                   "columns are marked in the matrices.",
                   ("factor", "principal component", "cluster")),
    "errors": ("Errors", "Where the model is wrong: by user, by item, by rating, by popularity, "
               "and the cells with the largest residuals; training and held-out ratings beside "
               "each other.", ("RMSE", "residual", "refit")),
    "evaluation": ("Evaluation", "Measures the shown model on ratings that it never saw, beside "
                   "the simplest models, each figure with its standard error; or trains the "
                   "settings of the form on every fold of a cross-validation. Below stands what "
                   "has to be known to believe the figures.",
                   ("RMSE", "NDCG", "relevant", "baseline", "standard error", "cross-validation",
                    "split")),
    "comparison": ("Comparison", "Two runs, or a model and another, on the ratings that neither "
                   "was trained on: the difference of their errors with its 95 % interval, what "
                   "other seeds say, the settings, users and items that differ.",
                   ("comparison", "paired interval", "refit")),
    "search": ("Find settings", "Trains trial after trial, each with other settings of the ranges "
               "in the table, and compares them on the same held-out ratings. Trials are runs of "
               "the project: a click on one shows it. Cancel keeps what is done, and the search "
               "can go on another day.", ("trial", "validation", "RMSE")),
    "card": ("Card", "What it takes to train the shown run again to the same bits: ratings and how "
             "they were read, split, seed, versions, processor, the fingerprint of its model and "
             "the runs it was trained on from. Copy it as a command or as a Python script, run it "
             "again and compare, or write a report.",
             ("reproducibility", "fingerprint", "run report", "seed")),
    "messages": ("Messages", "Every notice of this session, with its details to copy.", ()),
    "report": ("Import report", "What became of every line of the ratings file.", ("rating",)),
    "import_page": ("Import page", "How a file is read, tried on the file itself: what each column "
                    "holds stands above it, other options at the left, what the reading gives "
                    "below. Nothing is opened before “Use these ratings”; Esc leaves all as it "
                    "was.", ("rating", "scale")),
    "public_data": ("Public data", "Data sets that others have published: each with its terms of "
                    "use, fetched once, checked, and kept on this computer.", ("rating",)),
    "typed_matrix": ("Typed matrix", "A small table to type ratings into: a row a user, a column "
                     "an item, blank or ? where there is none.", ("rating", "step by step")),
    "help": ("Help", "A short page for each method, setting, panel and term. F1 on any control "
             "opens its page; mfgui help TERM prints the same.", ()),
}
