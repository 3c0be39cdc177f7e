"""A cancellation withdraws an order: nothing stays reserved for it, and what waited behind it is looked at again."""
