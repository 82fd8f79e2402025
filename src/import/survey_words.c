/* The words that data sets of faces are named with. */
#include "import/survey_words.h"

#include <ctype.h>
#include <string.h>

void gr_survey_key(const char *word, char key[GR_WORD_ROOM])
{
    int length = 0;
    for (; *word != '\0' && length < GR_WORD_ROOM - 1; word++)
        if (strchr("_- .()\t", *word) == NULL)
            key[length++] = (char)tolower((unsigned char)*word);
    key[length] = '\0';
}

static bool among(const char *key, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(*words, key) == 0)
            return true;
    return false;
}

/* "rat03" is the letters "rat" and digits; false for any other make. */
static bool letters_and_digits(const char *key, char letters[GR_WORD_ROOM])
{
    size_t length = 0;
    while (key[length] != '\0' && !isdigit((unsigned char)key[length]))
        length++;
    memcpy(letters, key, length);
    letters[length] = '\0';
    return key[length] != '\0' && key[length + strspn(key + length, "0123456789")] == '\0';
}

/* Have all of kinds[count] letters that are among `words` (NULL: are the same), and digits behind them? */
static bool all_numbered(const char *const *kinds, int64_t count, const char *const *words)
{
    char key[GR_WORD_ROOM], letters[GR_WORD_ROOM], first[GR_WORD_ROOM] = "";
    for (int64_t i = 0; i < count; i++) {
        gr_survey_key(kinds[i], key);
        if (!letters_and_digits(key, letters) || letters[0] == '\0')
            return false;
        if (words != NULL ? !among(letters, words) : i > 0 && strcmp(letters, first) != 0)
            return false;
        memcpy(first, letters, sizeof first);
    }
    return count > 0;
}

static bool all_digits(const char *const *kinds, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (kinds[i][0] == '\0' || kinds[i][strspn(kinds[i], "0123456789")] != '\0')
            return false;
    return count > 0;
}

/* ---- classes ---------------------------------------------------------------------------------------------------------- */

static const char *const denials[] = {
    "nopain",   "notpain", "nonpain", "nonpainful", "notpainful", "painless", "painfree", "withoutpain", "pain0", "np",
    "baseline", "base",    "control", "ctrl",       "normal",     "healthy",  "negative", "neg",         "no",    "none",
    "absent",   "pre",     "before",  "sham",       "neutral",    "calm",     "false",    "nop",         NULL};
static const char *const affirmations[] = {
    "pain",     "painful", "inpain", "withpain", "p",          "positive", "pos",  "yes",   "present", "mild",
    "moderate", "medium",  "severe", "strong",   "obvious",    "acute",    "post", "after", "treated", "injured",
    "injury",   "sick",    "ill",    "distress", "discomfort", "high",     "low",  "true",  NULL};
static const char *const grades[] = {"score", "pain", "label", "class", "grade", "level", "au", "fgs",
                                     "rgs",   "mgs",  "hgs",   "nrs",   "vas",   "stage", NULL};

int gr_survey_like_label(const char *const *kinds, int64_t count)
{
    int64_t known = 0, zero = 0;
    char key[GR_WORD_ROOM];
    for (int64_t i = 0; i < count; i++) {
        gr_survey_key(kinds[i], key);
        known += among(key, denials) || among(key, affirmations);
        zero += strcmp(key, "0") == 0;
    }
    if (count < 2 || count > 20)
        return 0;
    if (known == count || all_numbered(kinds, count, grades))
        return 100;
    if (2 * known > count)
        return 70;
    return all_digits(kinds, count) && zero == 1 && count <= 11 ? 50 : 0;
}

/* -1: denies, 0: neither, 1: affirms. */
static int sign_of(const char *kind)
{
    char key[GR_WORD_ROOM];
    gr_survey_key(kind, key);
    return among(key, denials) ? -1 : among(key, affirmations) ? 1 : 0;
}

/* How strong a word of pain is, for those that stand in an order. */
static int strength_of(const char *kind)
{
    static const char *const steps[] = {"low", "mild", "moderate", "medium", "high", "severe", "strong", NULL};
    char key[GR_WORD_ROOM];
    gr_survey_key(kind, key);
    for (int i = 0; steps[i] != NULL; i++)
        if (strcmp(steps[i], key) == 0)
            return i;
    return -1;
}

/* The number at the end of "score2", or of "2"; -1 where there is none. */
static int64_t number_of(const char *kind)
{
    char key[GR_WORD_ROOM], letters[GR_WORD_ROOM];
    int64_t number;
    gr_survey_key(kind, key);
    return letters_and_digits(key, letters) && gr_parse_int64(key + strlen(letters), &number) ? number : -1;
}

static bool stands_before(const char *a, const char *b)
{
    int64_t x = number_of(a), y = number_of(b);
    double u, v;
    if (sign_of(a) != sign_of(b))
        return sign_of(a) < sign_of(b);
    if (strength_of(a) != strength_of(b))
        return strength_of(a) < strength_of(b);
    if (gr_parse_double(a, &u) && gr_parse_double(b, &v) && u != v)
        return u < v;
    return x != y ? x < y : strcmp(a, b) < 0;
}

void gr_survey_order_classes(const char **kinds, int64_t *moved, int count)
{
    for (int i = 1; i < count; i++)
        for (int j = i; j > 0 && stands_before(kinds[j], kinds[j - 1]); j--) {
            const char *kind = kinds[j];
            kinds[j] = kinds[j - 1];
            kinds[j - 1] = kind;
            if (moved != NULL) {
                int64_t number = moved[j];
                moved[j] = moved[j - 1];
                moved[j - 1] = number;
            }
        }
}

bool gr_survey_last_is_positive(const char *const *kinds, int count)
{
    return count > 1 && (sign_of(kinds[count - 1]) > 0 || sign_of(kinds[0]) < 0 || number_of(kinds[0]) == 0);
}

/* ---- animals, times, counters, parts ---------------------------------------------------------------------------------- */

static const char *const animals[] = {"animal",    "rat",  "mouse",  "mice",    "cat",    "dog",     "horse",
                                      "sheep",     "lamb", "pig",    "piglet",  "rabbit", "ferret",  "cow",
                                      "calf",      "goat", "monkey", "macaque", "donkey", "hamster", "gerbil",
                                      "guineapig", "bird", "seal",   "cage",    NULL};
static const char *const people[] = {"subject", "subj", "sub",   "patient", "pat",     "participant", "person", "individual",
                                     "infant",  "baby", "child", "neonate", "newborn", "id",          "s",      NULL};
static const char *const times[] = {"t",    "time", "timepoint", "tp", "session", "sess", "ses", "day",   "d",
                                    "week", "w",    "visit",     "v",  "hour",    "h",    "min", "month", NULL};
static const char *const counters[] = {"img", "image",   "im",   "frame", "f",    "fr",    "photo",
                                       "pic", "picture", "face", "crop",  "dsc",  "dscn",  "dscf",
                                       "no",  "nr",      "n",    "snap",  "shot", "still", NULL};

int gr_survey_like_group(const char *const *kinds, int64_t count)
{
    char key[GR_WORD_ROOM], letters[GR_WORD_ROOM];
    if (all_numbered(kinds, count, animals) || all_numbered(kinds, count, people))
        return 100;
    if (count == 0 || !all_numbered(kinds, count, NULL))
        return 0;
    gr_survey_key(kinds[0], key);
    (void)letters_and_digits(key, letters);
    if (among(letters, times) || among(letters, counters) || among(letters, grades) || gr_survey_part(letters) != NULL)
        return 0;
    return 60;
}

const char *gr_survey_group_name(const char *const *kinds, int64_t count)
{
    return all_numbered(kinds, count, people) ? "subject" : "animal";
}

bool gr_survey_like_session(const char *const *kinds, int64_t count)
{
    static const char *const units[] = {"min", "h", "d", "s", "sec", "days", "hours", "mins", NULL};
    char key[GR_WORD_ROOM];
    bool measured = count > 0;
    for (int64_t i = 0; measured && i < count; i++) {
        gr_survey_key(kinds[i], key);
        size_t digits = strspn(key, "0123456789");
        measured = digits > 0 && among(key + digits, units);
    }
    return measured || all_numbered(kinds, count, times);
}

bool gr_survey_like_counter(const char *const *kinds, int64_t count)
{
    return all_numbered(kinds, count, counters) || (all_digits(kinds, count) && count > 11);
}

const char *gr_survey_part(const char *word)
{
    static const char *const names[][2] = {{"train", "train"},  {"training", "train"}, {"trn", "train"},
                                           {"val", "val"},      {"valid", "val"},      {"validation", "val"},
                                           {"validate", "val"}, {"dev", "val"},        {"test", "test"},
                                           {"testing", "test"}, {"tst", "test"},       {"holdout", "test"}};
    char key[GR_WORD_ROOM];
    gr_survey_key(word, key);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i][0], key) == 0)
            return names[i][1];
    return NULL;
}

/* ---- columns' names --------------------------------------------------------------------------------------------------- */

int gr_survey_label_title(const char *title)
{
    static const struct {
        const char *word;
        int surely;
    } words[] = {{"label", 100},    {"pain", 98},         {"ispain", 96},     {"painscore", 95}, {"painlevel", 95},
                 {"paingrade", 95}, {"score", 92},        {"class", 90},      {"target", 88},    {"totalscore", 87},
                 {"total", 86},     {"grimacescore", 86}, {"grimace", 85},    {"fgs", 84},       {"rgs", 84},
                 {"mgs", 84},       {"hgs", 84},          {"rating", 80},     {"grade", 78},     {"category", 76},
                 {"state", 74},     {"condition", 72},    {"expression", 72}, {"status", 60},    {"emotion", 60},
                 {"y", 50}};
    char key[GR_WORD_ROOM];
    gr_survey_key(title, key);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, key) == 0)
            return words[i].surely;
    return strstr(key, "pain") != NULL ? 75 : strstr(key, "score") != NULL || strstr(key, "label") != NULL ? 65 : 0;
}

int gr_survey_group_title(const char *title)
{
    static const char *const ends[] = {"", "s", "id", "name", "nr", "no", "number", "code", NULL};
    char key[GR_WORD_ROOM];
    gr_survey_key(title, key);
    if (strcmp(key, "id") == 0)
        return 60;
    for (int list = 0; list < 2; list++)
        for (const char *const *word = list == 0 ? animals : people; *word != NULL; word++) {
            size_t length = strlen(*word);
            if (length > 1 && strncmp(key, *word, length) == 0 && among(key + length, ends))
                return 100;
        }
    return 0;
}

bool gr_survey_session_title(const char *title)
{
    static const char *const words[] = {"session", "time", "timepoint", "day", "visit", "date", "week", NULL};
    char key[GR_WORD_ROOM];
    gr_survey_key(title, key);
    return among(key, words);
}
