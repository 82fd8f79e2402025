# Compares the numbers of tests/parity/stats/clusters.txt, which grimace's tests read, with R's packages. Outside `make test`.
#
#   Rscript tests/parity/check_clusters.R        (from the repository's root)
#
# Needs Debian's r-base-core, r-cran-lme4, r-cran-proc and r-cran-boot.
#
#   mixed       lme4's lmer by restricted maximum likelihood: mean, its standard error, both variances.
#   obuchowski  pROC's DeLong test, which takes rows as independent: with each row a cluster of its own, Obuchowski's formulas are
#               DeLong's but for k / (k - 1) of the mixed terms, which are then 0. Of clusters of one row the test is made here, and
#               the areas of the cases as they are.
#   bca         the interval written out in R over the same samples; and that against boot's boot.ci(type = "bca"), on the means of
#               the mixed cases with ten clusters or more: their samples have no ties to speak of (boot leaves out those that equal
#               the value, SciPy and grimace count half of them), and how quantiles are interpolated does not matter (boot: on the
#               normal scale).
suppressMessages({library(lme4); library(pROC); library(boot)})
options(digits = 17)

read_cases <- function(path) {
    cases <- list()
    for (line in readLines(path)) {
        words <- strsplit(line, " ")[[1]]
        if (words[1] == "case") { name <- words[2]; cases[[name]] <- list() }
        else cases[[name]][[words[1]]] <- as.numeric(words[-1])
    }
    cases
}

worst <- list()
compare <- function(what, name, ours, theirs, limit) {
    apart <- max(abs(ours - theirs) / pmax(1, abs(theirs)))
    good <- is.finite(apart) && apart <= limit
    cat(sprintf("%-12s %-20s %.3g %s\n", what, name, apart, if (good) "" else paste("MORE THAN", limit)))
    worst[[length(worst) + 1]] <<- good
}

mixed <- function(name, c) {
    frame <- data.frame(x = c$x, g = factor(c$cluster))
    control <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 2e-4, rhoend = 2e-11), check.conv.singular = "ignore")
    fit <- lmer(x ~ 1 + (1 | g), frame, REML = TRUE, control = control)
    v <- as.data.frame(VarCorr(fit))$vcov
    compare("lme4", name, c$fit, c(fixef(fit), sqrt(vcov(fit)[1, 1]), v[1], v[2]), 1e-6)
}

# Obuchowski's variances as the paper writes them, here in R.
clustered <- function(positive, cluster, scores) {
    p <- positive == 1
    m <- sum(p); n <- sum(!p); ids <- unique(cluster); k <- length(ids)
    parts <- lapply(scores, function(s) {
        wins <- outer(s[p], s[!p], function(a, b) (a > b) + 0.5 * (a == b))
        area <- mean(wins)
        list(area = area,
             x = sapply(ids, function(i) sum(rowMeans(wins)[cluster[p] == i] - area)),
             y = sapply(ids, function(i) sum(colMeans(wins)[cluster[!p] == i] - area)))
    })
    i10 <- length(unique(cluster[p])); i01 <- length(unique(cluster[!p]))
    cov <- function(a, b)
        i10 / ((i10 - 1) * m^2) * sum(a$x * b$x) + i01 / ((i01 - 1) * n^2) * sum(a$y * b$y) +
            k / ((k - 1) * m * n) * (sum(a$x * b$y) + sum(a$y * b$x))
    a <- parts[[1]]; b <- parts[[2]]
    list(area = c(a$area, b$area), var = c(cov(a, a), cov(b, b), cov(a, b)))
}

obuchowski <- function(name, c) {
    roc_of <- function(s) roc(c$positive, s, direction = "<", levels = c(0, 1), quiet = TRUE)
    a <- roc_of(c$first); b <- roc_of(c$second)
    compare("pROC, areas", name, c$delong[1:2], c(auc(a), auc(b)), 1e-9)
    alone <- clustered(c$positive, seq_along(c$positive), list(c$first, c$second))
    compare("pROC, DeLong", name, alone$var, c(var(a), var(b), cov(a, b)), 1e-9)
    ours <- clustered(c$positive, c$cluster, list(c$first, c$second))
    compare("R, clustered", name, c$delong[3:5], ours$var, 1e-9)
}

bca_ends <- function(t0, t, left) {
    L <- mean(left) - left
    z <- qnorm((sum(t < t0) + 0.5 * sum(t == t0)) / length(t)); a <- sum(L^3) / (6 * sum(L^2)^1.5)
    sapply(c(0.025, 0.975), function(q) { x <- z + qnorm(q); quantile(t, pnorm(z + x / (1 - a * x)), names = FALSE) })
}

bca <- function(name, c) {
    k <- max(c$cluster) + 1
    counts <- matrix(c$counts, ncol = k, byrow = TRUE)
    numbers <- list(
        f1 = function(t, p) 2 * sum(t & p) / (sum(t) + sum(p)),
        balanced = function(t, p) mean(c(mean(p[t == 1]), mean(1 - p[t == 0]))),
        mcc = function(t, p) cor(t, p),
        kappa = function(t, p) { e <- mean(t) * mean(p) + mean(1 - t) * mean(1 - p); (mean(t == p) - e) / (1 - e) })
    for (key in names(numbers)) {
        of <- function(times) {
            at <- rep(seq_along(c$labels), times[c$cluster + 1])
            numbers[[key]](c$labels[at], c$predicted[at])
        }
        t0 <- of(rep(1, k))
        ends <- bca_ends(t0, apply(counts, 1, of), sapply(seq_len(k), function(i) of(as.numeric(seq_len(k) != i))))
        compare("R, BCa", paste(name, key), c[[key]], c(t0, ends), 1e-9)
    }
}

by_boot <- function(name, c) {
    set.seed(1)
    sums <- tapply(c$x, c$cluster, sum); sizes <- tapply(c$x, c$cluster, length); k <- length(sums)
    of <- function(data, at) sum(sums[at]) / sum(sizes[at])
    b <- boot(seq_len(k), of, R = 50000)
    left <- sapply(seq_len(k), function(i) of(NULL, setdiff(seq_len(k), i)))
    ci <- boot.ci(b, conf = 0.95, type = "bca", L = (k - 1) * (mean(left) - left))$bca[4:5]
    compare("boot, BCa", name, bca_ends(b$t0, b$t[, 1], left), ci, 1e-4)
}

cases <- read_cases("tests/parity/stats/clusters.txt")
for (name in names(cases)) {
    kind <- sub("_.*", "", name)
    if (kind == "mixed") mixed(name, cases[[name]])
    if (kind == "mixed" && max(cases[[name]]$cluster) >= 9) by_boot(name, cases[[name]])
    if (kind == "obuchowski") obuchowski(name, cases[[name]])
    if (kind == "bca") bca(name, cases[[name]])
}
if (!all(unlist(worst))) quit(status = 1)
cat(length(worst), "comparisons agree\n")
