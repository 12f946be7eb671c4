package main

import "github.com/spf13/cobra"

// configCommand prints every setting, its value and its source.
func configCommand(cmd *cobra.Command, _ []string) error {
	settings, err := loadSettings(cmd)
	if err != nil {
		return err
	}
	return settings.Print(cmd.OutOrStdout())
}
