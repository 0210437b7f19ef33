/* A network's plans, one for each size of tile that is being looked at. A plan is for one thread at
 * a time, so each thread takes one and gives it back; idle ones are kept for the next picture, up
 * to a number, because pictures of one set mostly have one size. A plan runs on the thread that
 * took it: pictures and tiles are what runs in parallel, and the answer cannot depend on how many.
 */
#include <pthread.h>

#include "backbone.h"

enum { MAX_IDLE = 8 };

struct fet_backbone_plan {
    struct fet_plan *plan; /* owned */
    int w, h;
    struct fet_backbone_plan *next; /* of the idle ones, the latest used first */
};

struct fet_backbone_plans {
    pthread_mutex_t lock;
    struct fet_backbone_plan *idle; /* guarded by lock */
};

fet_status fet_backbone_plans_new(struct fet_backbone_plans **plans)
{
    struct fet_backbone_plans *const p = fet_alloc(1, sizeof *p);
    if (p == NULL) return FET_FAIL_MEMORY("backbone", sizeof *p);
    if (pthread_mutex_init(&p->lock, NULL) != 0) {
        fet_free(p);
        return FET_FAIL(FET_MEMORY, "backbone: no lock");
    }
    *plans = p;
    return FET_OK;
}

static void plan_free(struct fet_backbone_plan *p)
{
    if (p == NULL) return;
    fet_plan_free(p->plan);
    fet_free(p);
}

void fet_backbone_plans_free(struct fet_backbone_plans *plans)
{
    if (plans == NULL) return;
    while (plans->idle != NULL) {
        struct fet_backbone_plan *const next = plans->idle->next;
        plan_free(plans->idle);
        plans->idle = next;
    }
    (void)pthread_mutex_destroy(&plans->lock);
    fet_free(plans);
}

/* An idle plan of that size, or NULL. */
static struct fet_backbone_plan *find_idle(struct fet_backbone_plans *plans, int w, int h)
{
    struct fet_backbone_plan *found = NULL;
    (void)pthread_mutex_lock(&plans->lock);
    for (struct fet_backbone_plan **p = &plans->idle; *p != NULL; p = &(*p)->next) {
        if ((*p)->w != w || (*p)->h != h) continue;
        found = *p;
        *p = found->next;
        break;
    }
    (void)pthread_mutex_unlock(&plans->lock);
    return found;
}

/* Becomes the first idle one; the last of too many goes. */
static void give_back(struct fet_backbone_plans *plans, struct fet_backbone_plan *given)
{
    struct fet_backbone_plan *dropped = NULL;
    int n = 0;
    (void)pthread_mutex_lock(&plans->lock);
    given->next = plans->idle;
    plans->idle = given;
    for (struct fet_backbone_plan **p = &plans->idle; *p != NULL; p = &(*p)->next)
        if (++n > MAX_IDLE) {
            dropped = *p;
            *p = NULL;
            break;
        }
    (void)pthread_mutex_unlock(&plans->lock);
    plan_free(dropped);
}

static fet_status plan_make(const struct fet_backbone *b, const struct fet_tensor *input, int w,
                            int h, struct fet_backbone_plan **plan)
{
    struct fet_backbone_plan *const made = fet_alloc(1, sizeof *made);
    if (made == NULL) return FET_FAIL_MEMORY("backbone", sizeof *made);
    *made = (struct fet_backbone_plan){.w = w, .h = h};
    const fet_status st = fet_plan_new(b->graph, input, NULL, &made->plan);
    if (st != FET_OK) {
        fet_free(made);
        return st;
    }
    *plan = made;
    return FET_OK;
}

fet_status fet_backbone_run(const struct fet_backbone *b, const struct fet_tensor *input,
                            fet_status (*use)(void *self, const struct fet_tensor *outputs),
                            void *self)
{
    const int h = (int)input->shape.dims[2], w = (int)input->shape.dims[3];
    struct fet_tensor outputs[FET_MAX_BANDS] = {0};
    struct fet_backbone_plan *plan = find_idle(b->plans, w, h);
    if (plan == NULL) FET_TRY(plan_make(b, input, w, h, &plan));
    fet_status st = fet_plan_run(plan->plan, input, outputs);
    if (st == FET_OK) st = use(self, outputs);
    give_back(b->plans, plan);
    return st;
}
