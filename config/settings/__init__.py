"""Settings: `production` (fails closed), `local` (one machine, sandbox, demo), `test`.

All of them start from `base`, read the environment, and hold no secret of their own but the
throw-away ones of `test`.
"""
