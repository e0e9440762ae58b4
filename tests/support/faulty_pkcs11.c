/* A PKCS#11 module that hands every call on to a real one, and fails where the test says so.
 *
 * Settings, from the environment:
 *   FAULTY_MODULE      the real module
 *   FAULTY_LOGIN       what C_Login returns instead of being called, such as 0xA4
 *   FAULTY_SIGN        what C_Sign returns
 *   FAULTY_SIGN_AFTER  how many signatures succeed before
 *   FAULTY_FLAGS       flags that every token has in addition (CK_TOKEN_INFO.flags)
 *   FAULTY_MECHANISMS  the only mechanisms there are, in hexadecimal, separated by commas
 *   FAULTY_LOG         a file to which each C_Login and C_Sign adds a line
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long ulong_t;

/* PKCS#11 v2.40, CK_FUNCTION_LIST: a version and 68 functions in fixed order. */
enum { GET_FUNCTION_LIST = 3, TOKEN_INFO = 6, MECHANISM_LIST = 7, LOGIN = 18, SIGN = 43, COUNT = 68 };
typedef struct {
  unsigned char version[2];
  void *functions[COUNT];
} function_list;

/* PKCS#11 v2.40, CK_TOKEN_INFO: four texts, then the flags. */
typedef struct {
  char texts[96];
  ulong_t flags;
} token_info;

static const function_list *real;
static function_list ours;
static int signatures;

static ulong_t setting(const char *name) {
  const char *value = getenv(name);
  return value ? strtoul(value, NULL, 0) : 0;
}

static void note(const char *name) {
  const char *path = getenv("FAULTY_LOG");
  FILE *file = path ? fopen(path, "a") : NULL;
  if (!file) return;
  fprintf(file, "%s\n", name);
  fclose(file);
}

static ulong_t login(ulong_t session, ulong_t user, void *pin, ulong_t length) {
  ulong_t fault = setting("FAULTY_LOGIN");
  note("C_Login");
  if (fault) return fault;
  return ((ulong_t(*)(ulong_t, ulong_t, void *, ulong_t))real->functions[LOGIN])(session, user, pin, length);
}

static ulong_t sign(ulong_t session, void *data, ulong_t size, void *out, ulong_t *length) {
  ulong_t fault = out ? setting("FAULTY_SIGN") : 0; /* without `out` it is asked for the length only */
  if (out) note("C_Sign");
  if (fault && signatures++ >= (int)setting("FAULTY_SIGN_AFTER")) return fault;
  return ((ulong_t(*)(ulong_t, void *, ulong_t, void *, ulong_t *))real->functions[SIGN])(session, data, size, out,
                                                                                          length);
}

static ulong_t get_token_info(ulong_t slot, token_info *info) {
  ulong_t status = ((ulong_t(*)(ulong_t, token_info *))real->functions[TOKEN_INFO])(slot, info);
  info->flags |= setting("FAULTY_FLAGS");
  return status;
}

static ulong_t get_mechanism_list(ulong_t slot, ulong_t *list, ulong_t *count) {
  const char *only = getenv("FAULTY_MECHANISMS");
  ulong_t found = 0;
  if (!only)
    return ((ulong_t(*)(ulong_t, ulong_t *, ulong_t *))real->functions[MECHANISM_LIST])(slot, list, count);
  for (; only && *only; only = strchr(only, ',') ? strchr(only, ',') + 1 : NULL) {
    if (list) list[found] = strtoul(only, NULL, 16);
    found++;
  }
  *count = found;
  return 0;
}

ulong_t C_GetFunctionList(function_list **list) {
  void *module = dlopen(getenv("FAULTY_MODULE"), RTLD_NOW | RTLD_LOCAL);
  ulong_t (*get)(const function_list **) = module ? dlsym(module, "C_GetFunctionList") : NULL;
  if (!get || get(&real)) return 5; /* CKR_GENERAL_ERROR */
  ours = *real;
  ours.functions[GET_FUNCTION_LIST] = C_GetFunctionList;
  ours.functions[TOKEN_INFO] = get_token_info;
  ours.functions[MECHANISM_LIST] = get_mechanism_list;
  ours.functions[LOGIN] = login;
  ours.functions[SIGN] = sign;
  *list = &ours;
  return 0;
}
