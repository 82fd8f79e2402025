/* Rows of the table of keys (keys.c) about update rules and schedules. */
#ifndef GR_CONFIG_KEYS_OPTIM_H
#define GR_CONFIG_KEYS_OPTIM_H

/* clang-format off */
#define GR_KEYS_OF_OPTIM \
    {"optimizer.name", GR_KEY_CHOICE, AT(optimizer.name), "adam", .names = optimizers, \
     .help = "The update rule. adam adds weight decay to the gradient, adamw decouples it, as in PyTorch."}, \
    {"optimizer.form", GR_KEY_CHOICE, AT(optimizer.form), "torch", .choices = forms, \
     .help = "Whose formulae: they differ in where eps and the rate stand (docs/keras.md)."}, \
    {"optimizer.lr", GR_KEY_REAL, AT(optimizer.lr), "0.001", .range = {0, 1e6, OPEN, SHUT}, \
     .help = "Learning rate at the start."}, \
    {"optimizer.momentum", GR_KEY_REAL, AT(optimizer.momentum), "0", .range = {0, 1, SHUT, OPEN}, \
     .help = "sgd and rmsprop only."}, \
    {"optimizer.dampening", GR_KEY_REAL, AT(optimizer.dampening), "0", .range = {0, 1, SHUT, SHUT}, \
     .help = "sgd only: of the momentum."}, \
    {"optimizer.nesterov", GR_KEY_BOOL, AT(optimizer.nesterov), "false", \
     .help = "sgd only: Nesterov's momentum; needs a momentum and no dampening."}, \
    {"optimizer.weight_decay", GR_KEY_REAL, AT(optimizer.weight_decay), "0", .range = {0, 1e6, SHUT, SHUT}, \
     .help = "On every trained parameter, biases and batch norm included."}, \
    {"optimizer.decoupled", GR_KEY_BOOL, AT(optimizer.decoupled), "false", \
     .help = "true: weight decay takes lr * weight_decay * w off each weight before the step; adamw always does."}, \
    {"optimizer.l1", GR_KEY_REAL, AT(optimizer.l1), "0", .range = {0, 1e6, SHUT, SHUT}, \
     .help = "Adds l1 * sign(w) to the gradient of each parameter w."}, \
    {"optimizer.betas", GR_KEY_REALS, AT(optimizer.betas), "[0.9, 0.999]", .range = {0, 1, SHUT, OPEN}, .least = 2, \
     .most = 2, .help = "adam, adamw, nadam, adamax: decay of the two moments."}, \
    {"optimizer.eps", GR_KEY_REAL, AT(optimizer.eps), "1.0e-08", .range = {0, 1e6, OPEN, SHUT}, \
     .help = "All but sgd: added to the denominator."}, \
    {"optimizer.amsgrad", GR_KEY_BOOL, AT(optimizer.amsgrad), "false", \
     .help = "adam, adamw: the largest second moment so far is the denominator (AMSGrad)."}, \
    {"optimizer.rho", GR_KEY_REAL, AT(optimizer.rho), "0.99", .range = {0, 1, SHUT, OPEN}, \
     .help = "rmsprop: decay of the mean square; PyTorch's alpha."}, \
    {"optimizer.centered", GR_KEY_BOOL, AT(optimizer.centered), "false", \
     .help = "rmsprop: true: the square of the mean gradient is taken off the mean square."}, \
    {"optimizer.initial_accumulator", GR_KEY_REAL, AT(optimizer.initial_accumulator), "0", .range = {0, 1e6, SHUT, SHUT}, \
     .help = "adagrad: what the sum of squares begins with."}, \
    {"optimizer.momentum_decay", GR_KEY_REAL, AT(optimizer.momentum_decay), "0.004", .range = {0, 1e6, SHUT, SHUT}, \
     .help = "nadam: beta1 of step t is beta1 (1 - 0.96^(t momentum_decay) / 2)."}, \
    {"optimizer.nadam_product", GR_KEY_CHOICE, AT(optimizer.nadam_product), "steps", .choices = products, \
     .help = "nadam: what the product of the betas takes in: steps, the beta of each step once; tensors, once more for each " \
             "tensor, as the fit of Keras 2.15 does."}, \
    {"optimizer.clip.value", GR_KEY_REAL, AT(optimizer.clip.value), "0", .range = {0, 1e9, SHUT, SHUT}, \
     .help = "Gradients are held within -value and value. 0: they are not."}, \
    {"optimizer.clip.norm", GR_KEY_REAL, AT(optimizer.clip.norm), "0", .range = {0, 1e9, SHUT, SHUT}, \
     .help = "Each tensor's gradient is shortened to this length (Keras's clipnorm). 0: none is."}, \
    {"optimizer.clip.global_norm", GR_KEY_REAL, AT(optimizer.clip.global_norm), "0", .range = {0, 1e9, SHUT, SHUT}, \
     .help = "All gradients together are (global_clipnorm; PyTorch's clip_grad_norm_). 0: they are not."}, \
    {"schedule.name", GR_KEY_CHOICE, AT(schedule.name), "constant", .names = schedules, \
     .help = "How the learning rate goes; cosine falls to min_lr over the whole training; plateau watches val_loss, or " \
             "train_loss without validation. docs/keras.md has the formulae."}, \
    {"schedule.per", GR_KEY_CHOICE, AT(schedule.per), "epoch", .choices = paces, \
     .help = "What the schedule counts: step_size, decay_steps, boundaries and warmup are so many epochs, or steps. plateau " \
             "always looks after an epoch."}, \
    {"schedule.step_size", GR_KEY_INT, AT(schedule.step_size), "10", .range = {1, 1000000, SHUT, SHUT}, \
     .help = "step: epochs (or steps) between drops."}, \
    {"schedule.gamma", GR_KEY_REAL, AT(schedule.gamma), "0.1", .range = {0, 1, OPEN, SHUT}, \
     .help = "step: factor of each drop."}, \
    {"schedule.min_lr", GR_KEY_REAL, AT(schedule.min_lr), "0", .range = {0, 1e6, SHUT, SHUT}, \
     .help = "cosine, cosine_restarts, polynomial, plateau: the learning rate's floor, or end."}, \
    {"schedule.decay_steps", GR_KEY_INT, AT(schedule.decay_steps), "0", .range = {0, 1000000000, SHUT, SHUT}, \
     .help = "inverse_time, exponential, polynomial, cosine, cosine_restarts: how many epochs or steps the formula's time is. 0: " \
             "the whole training."}, \
    {"schedule.decay_rate", GR_KEY_REAL, AT(schedule.decay_rate), "0.96", .range = {0, 1e6, OPEN, SHUT}, \
     .help = "inverse_time, exponential: how much in that time. Keras 2.10's decay=D is inverse_time with decay_steps 1 and this " \
             "D."}, \
    {"schedule.staircase", GR_KEY_BOOL, AT(schedule.staircase), "false", \
     .help = "inverse_time, exponential: true: at whole multiples of that time only."}, \
    {"schedule.boundaries", GR_KEY_INTS, AT(schedule.boundaries), "[]", .range = {0, 1000000000, SHUT, SHUT}, .least = 0, \
     .most = 15, .help = "piecewise: the last epoch or step, from 0 on, at which each of the rates but the last holds."}, \
    {"schedule.values", GR_KEY_REALS, AT(schedule.values), "null", .nullable = true, .range = {0, 1e6, SHUT, SHUT}, .least = 1, \
     .most = 16, .help = "piecewise: the rates, one more than boundaries."}, \
    {"schedule.power", GR_KEY_REAL, AT(schedule.power), "1", .range = {0, 100, OPEN, SHUT}, .help = "polynomial: its power."}, \
    {"schedule.cycle", GR_KEY_BOOL, AT(schedule.cycle), "false", \
     .help = "polynomial: true: it begins anew, over twice the time, three times, ..."}, \
    {"schedule.t_mul", GR_KEY_REAL, AT(schedule.t_mul), "2", .range = {1, 100, SHUT, SHUT}, \
     .help = "cosine_restarts: how much longer each period is than the last."}, \
    {"schedule.m_mul", GR_KEY_REAL, AT(schedule.m_mul), "1", .range = {0, 100, OPEN, SHUT}, \
     .help = "cosine_restarts: how much higher it begins."}, \
    {"schedule.warmup", GR_KEY_INT, AT(schedule.warmup), "0", .range = {0, 1000000000, SHUT, SHUT}, \
     .help = "So many epochs or steps in which the rate rises evenly from warmup_from to lr, before the schedule begins."}, \
    {"schedule.warmup_from", GR_KEY_REAL, AT(schedule.warmup_from), "0", .range = {0, 1e6, SHUT, SHUT}, \
     .help = "The rate with which the warm-up begins."}, \
    {"schedule.factor", GR_KEY_REAL, AT(schedule.factor), "0.1", .range = {0, 1, OPEN, OPEN}, \
     .help = "plateau: factor of each drop."}, \
    {"schedule.patience", GR_KEY_INT, AT(schedule.patience), "10", .range = {0, 1000000, SHUT, SHUT}, \
     .help = "plateau: epochs without improvement before a drop."}, \
    {"schedule.rule", GR_KEY_CHOICE, AT(schedule.rule), "torch", .choices = forms, \
     .help = "plateau: whose rule. torch drops after more than patience bad epochs, better is 1e-4 of the best; keras after " \
             "patience, better is by more than min_delta."}, \
    {"schedule.min_delta", GR_KEY_REAL, AT(schedule.min_delta), "0.0001", .range = {0, 1e6, SHUT, SHUT}, \
     .help = "plateau by the rule keras: an improvement must be larger."}, \
    {"schedule.cooldown", GR_KEY_INT, AT(schedule.cooldown), "0", .range = {0, 1000000, SHUT, SHUT}, \
     .help = "plateau: epochs after a drop that do not count as bad (by Keras's rule one less)."},
/* clang-format on */

#endif
