"""What falls due on a business day: releases end, and what is held is looked at again."""
