"""A replay decides stored facts again by the policy version that they saw: the same facts give the same decision."""
