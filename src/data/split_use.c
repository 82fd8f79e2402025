/* What is done with folds: proving that they keep groups whole, listing their rows, writing splits.csv. */
#include "grimace/split.h"

#include <string.h>

#include "formats/csv.h"

static gr_status verify_fold(const gr_split *split, int f, const gr_manifest *m, uint8_t *part_of_group, uint8_t *tested,
                             gr_error *err)
{
    const gr_fold *fold = &split->folds[f];
    memset(part_of_group, GR_PART_NONE, (size_t)m->group_count);
    for (int64_t r = 0; r < m->rows; r++) {
        uint8_t part = fold->parts[r];
        if (part == GR_PART_NONE || part >= GR_PART_COUNT)
            return gr_fail(err, GR_INTERNAL, "fold %s: %s is in no part", fold->name, m->images[r]);
        if (part == GR_PART_TEST && tested[r]++ > 0)
            return gr_fail(err, GR_INTERNAL, "fold %s: %s is tested in an earlier fold too", fold->name, m->images[r]);
        if (m->groups == NULL)
            continue;
        uint8_t *seen = &part_of_group[m->groups[r]];
        if (*seen != GR_PART_NONE && *seen != part)
            return gr_fail(err, GR_INTERNAL, "fold %s: %s %s is in %s and in %s", fold->name, m->group_column,
                           m->group_names[m->groups[r]], gr_part_name((gr_part)*seen), gr_part_name((gr_part)part));
        *seen = part;
    }
    return GR_OK;
}

gr_status gr_split_verify(const gr_split *split, const gr_manifest *manifest, gr_error *err)
{
    if (split->rows != manifest->rows)
        return gr_fail(err, GR_INTERNAL, "%s: a split of %lld rows does not fit %lld", manifest->path,
                       (long long)split->rows, (long long)manifest->rows);
    uint8_t *part_of_group = gr_alloc((size_t)manifest->group_count, 1), *tested = gr_alloc((size_t)manifest->rows, 1);
    gr_status status = GR_OK;
    if (part_of_group == NULL || tested == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory to check the split of %lld rows", (long long)manifest->rows);
    for (int f = 0; status == GR_OK && f < split->fold_count; f++)
        status = verify_fold(split, f, manifest, part_of_group, tested, err);
    for (int64_t r = 0; status == GR_OK && split->fold_count > 1 && r < manifest->rows; r++)
        if (tested[r] == 0)
            status = gr_fail(err, GR_INTERNAL, "%s is tested in no fold", manifest->images[r]);
    gr_free(part_of_group);
    gr_free(tested);
    return status;
}

int64_t gr_split_rows(const gr_split *split, int fold, gr_part part, int64_t *rows)
{
    int64_t count = 0;
    for (int64_t r = 0; r < split->rows; r++) {
        if (split->folds[fold].parts[r] != part)
            continue;
        if (rows != NULL)
            rows[count] = r;
        count++;
    }
    return count;
}

gr_status gr_split_write_csv(const gr_split *split, const gr_manifest *m, const char *path, gr_error *err)
{
    gr_buffer out = {0};
    gr_csv_put(&out, "image", ',');
    if (m->groups != NULL)
        gr_csv_put(&out, m->group_column, ',');
    gr_csv_put(&out, "label", ',');
    gr_csv_put(&out, "fold", ',');
    gr_csv_put(&out, "part", '\n');
    for (int f = 0; f < split->fold_count; f++)
        for (int64_t r = 0; r < m->rows; r++) {
            gr_csv_put(&out, m->images[r], ',');
            if (m->groups != NULL)
                gr_csv_put(&out, m->group_names[m->groups[r]], ',');
            gr_csv_put(&out, m->classes[m->labels[r]], ',');
            gr_csv_put(&out, split->folds[f].name, ',');
            gr_csv_put(&out, gr_part_name((gr_part)split->folds[f].parts[r]), '\n');
        }
    gr_status status = out.failed ? gr_fail(err, GR_NOMEM, "%s: no memory to write it", path)
                                  : gr_file_write(path, out.data, out.size, err);
    gr_buffer_free(&out);
    return status;
}
