"""What two services need and no service owns; never a business rule."""
